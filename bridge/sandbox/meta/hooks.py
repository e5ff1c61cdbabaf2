"""Who is told of what: an app's callback for a kind of object, and the accounts that it watches.

All layers are needed, and a missing one is silence, not an error:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started/webhooks-for-pages
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.sandbox.meta.refusals import parameter

FIELDS: dict[str, frozenset[str]] = {
    "page": frozenset(
        (
            "feed", "mention", "messages", "message_echoes", "message_edits", "message_deliveries",
            "message_reads", "message_reactions", "messaging_postbacks", "standby",
        )
    ),
    "instagram": frozenset(
        (
            "comments", "live_comments", "mentions", "messages", "message_edit",
            "message_reactions", "messaging_seen", "messaging_postbacks", "standby",
        )
    ),
    "whatsapp_business_account": frozenset(
        ("messages", "smb_message_echoes", "message_template_status_update", "account_update")
    ),
}  # fmt: skip
"""The fields that this stand-in knows of, by object."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing that happened. `place` is where it goes in an entry: changes, messaging, standby,
    or flat (field and value in the entry itself). `also` is a second account whose subscription
    counts, "" if none: the Page of an Instagram account."""

    object: str
    entry_id: str
    field: str
    place: str
    payload: dict[str, Any]
    at: datetime
    also: str = ""


@dataclass(frozen=True, slots=True)
class AppHook:
    """Layer one: where an app takes what happens to one kind of object, and which of it."""

    app_id: str
    object: str
    callback_url: str
    verify_token: str
    fields: tuple[str, ...]


class Hooks:
    """Both layers. `lacking` says for an item why nobody is told."""

    def __init__(self) -> None:
        self._apps: dict[tuple[str, str], AppHook] = {}
        self._accounts: dict[tuple[str, str], tuple[str, ...]] = {}

    def of_app(self, app_id: str) -> tuple[AppHook, ...]:
        return tuple(one for one in tuple(self._apps.values()) if one.app_id == app_id)

    def find(self, app_id: str, kind: str) -> AppHook | None:
        return self._apps.get((app_id, kind))

    def subscribe_app(self, hook: AppHook) -> None:
        """Raises `Refusal` for an object or field nobody knows."""
        known_fields(hook.object, hook.fields)
        self._apps[hook.app_id, hook.object] = hook

    def unsubscribe_app(self, app_id: str, kind: str = "") -> None:
        for key in [key for key in tuple(self._apps) if key[0] == app_id and kind in ("", key[1])]:
            del self._apps[key]

    def subscribe(self, account_id: str, app_id: str, fields: tuple[str, ...]) -> None:
        self._accounts[account_id, app_id] = fields

    def unsubscribe(self, account_id: str, app_id: str) -> None:
        self._accounts.pop((account_id, app_id), None)

    def subscribed(self, account_id: str) -> dict[str, tuple[str, ...]]:
        """The apps that watch an account, and the fields they chose."""
        return {
            app: fields
            for (account, app), fields in tuple(self._accounts.items())
            if account == account_id
        }

    def told(self, item: Item) -> tuple[AppHook, ...]:
        """The apps that hear of an item. On Instagram an account cannot choose: it gets whatever
        fields the app has. A WhatsApp account has nothing to choose from."""
        found = []
        for hook in tuple(self._apps.values()):
            if hook.object != item.object or item.field not in hook.fields:
                continue
            chosen = self._chosen(item, hook.app_id)
            if chosen is not None and (item.object != "page" or item.field in chosen):
                found.append(hook)
        return tuple(found)

    def _chosen(self, item: Item, app_id: str) -> tuple[str, ...] | None:
        chosen = self._accounts.get((item.entry_id, app_id))
        return self._accounts.get((item.also, app_id)) if chosen is None else chosen


def known_fields(kind: str, fields: tuple[str, ...]) -> None:
    """Raises `Refusal` with the name of the first that is not one."""
    if kind not in FIELDS:
        raise parameter(f"Param object must be one of {{{', '.join(sorted(FIELDS))}}}")
    for one in fields:
        if one not in FIELDS[kind]:
            raise parameter(
                f"Param subscribed_fields[0] must be one of {{{', '.join(sorted(FIELDS[kind]))}}} "
                f'- got "{one}".'
            )

"""Whether Meta still calls us: three things must be there, and a missing one is only silence.

1. The app's own address for a kind of object, and the fields it wants:
   https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/
2. The fields.
3. The account's subscription to the app, which Meta ends after an hour of failed deliveries:
   https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps/
   https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.channels.meta.calls import Calls, Pairs, part
from bridge.settings import Secret

AGAIN = (
    "Meta had stopped calling us for this account; it was told to go on, and what was said "
    "meanwhile may be missing"
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one account needs. `object` is Meta's word (page, instagram, …), `node` the id whose
    `subscribed_apps` counts, `public_url` where we can be called ("": not known). `chooses`: the
    account has a choice of fields of its own. `account_fields` are those that the account is
    subscribed with, where the app's are not to be named there (None: the same)."""

    object: str
    node: str
    app_id: str
    fields: tuple[str, ...]
    public_url: str = ""
    chooses: bool = True
    account_fields: tuple[str, ...] | None = None

    @property
    def subscribes_to(self) -> tuple[str, ...]:
        """What the account is subscribed with."""
        return self.fields if self.account_fields is None else self.account_fields


def missing_in_app(app: Calls, wanted: Subscription) -> str:
    """What is wrong with the app's own subscription, in one sentence, "" if nothing."""
    mine = _of_app(app, wanted)
    where = f"In the app's dashboard, Webhooks, {wanted.object}"
    if mine is None:
        return f"{where}: there is no callback URL"
    callback = _text(mine, "callback_url")
    if wanted.public_url and not _is_ours(callback, wanted):
        return f"{where}: the callback URL is {callback}, which is not ours"
    if mine.get("active") is False:
        return f"{where}: the subscription is not active"
    lacking = [one for one in wanted.fields if one not in _names(mine.get("fields"))]
    return f"{where}: not subscribed to {', '.join(lacking)}" if lacking else ""


def missing_in_account(calls: Calls, wanted: Subscription) -> str:
    """The same for the account."""
    mine = _of_account(calls, wanted)
    if mine is None:
        return "the account is not subscribed to the app"
    lacking = [one for one in wanted.fields if one not in _names(mine.get("subscribed_fields"))]
    if lacking and wanted.chooses:
        return f"the account is not subscribed to {', '.join(lacking)}"
    return ""


def enter(app: Calls, wanted: Subscription, address: str, verify_token: Secret) -> str:
    """Enter our address in the app where there is none, and the fields that are lacking; what was
    changed, "" if nothing. Meta asks the address for its handshake meanwhile.

    An address that is not ours is left alone: somebody else is called there. What the app is
    subscribed to already stays. Raises as a read does.
    """
    wrong = missing_in_app(app, wanted)
    mine = _of_app(app, wanted) if wrong else None
    callback = _text(mine, "callback_url")
    if not wrong or (callback and not _is_ours(callback, wanted)):
        return ""
    known = _names(mine.get("fields")) if isinstance(mine, dict) else frozenset()
    fields = (*wanted.fields, *sorted(known - set(wanted.fields)))
    pairs: Pairs = (
        ("object", wanted.object),
        ("callback_url", callback or address),
        ("fields", ",".join(fields)),
        ("verify_token", verify_token.reveal()),
    )
    app.change(f"/{part(wanted.app_id)}/subscriptions", pairs)
    return f"the app now calls {callback or address} for {wanted.object}: {', '.join(fields)}"


def _of_app(app: Calls, wanted: Subscription) -> Any:
    rows = app.get(f"/{part(wanted.app_id)}/subscriptions").rows()
    return next((one for one in rows if _text(one, "object") == wanted.object), None)


def _is_ours(callback: str, wanted: Subscription) -> bool:
    return callback.startswith(f"{wanted.public_url.rstrip('/')}/hooks/")


def subscribe(calls: Calls, wanted: Subscription) -> None:
    """Subscribe the account to the app. Safe to repeat. What it is subscribed to already stays:
    another account of ours may be there for that."""
    mine = _of_account(calls, wanted)
    known = _names(mine.get("subscribed_fields")) if isinstance(mine, dict) else frozenset()
    names = (*wanted.subscribes_to, *sorted(known - set(wanted.subscribes_to)))
    fields: Pairs = (("subscribed_fields", ",".join(names)),) if names else ()
    calls.change(f"/{part(wanted.node)}/subscribed_apps", fields)


def _of_account(calls: Calls, wanted: Subscription) -> Any:
    rows = calls.get(f"/{part(wanted.node)}/subscribed_apps").rows()
    return next((one for one in rows if _app_id(one) == wanted.app_id), None)


def keep(calls: Calls, app: Calls, wanted: Subscription) -> str:
    """What is wrong, in one sentence, "" if nothing. The account's own subscription is put right,
    and it is said once that it had to be. Raises as a read does."""
    return missing_in_app(app, wanted) or keep_account(calls, wanted)


def keep_account(calls: Calls, wanted: Subscription) -> str:
    """The same where the app cannot be asked."""
    if not missing_in_account(calls, wanted):
        return ""
    subscribe(calls, wanted)
    return missing_in_account(calls, wanted) or AGAIN


def _app_id(row: Any) -> str:
    """WhatsApp puts it one step deeper."""
    inner = row.get("whatsapp_business_api_data") if isinstance(row, dict) else None
    return _text(row, "id") or _text(inner, "id")


def _names(listed: Any) -> frozenset[str]:
    """Fields come as words, or as `{"name": …, "version": …}`."""
    return frozenset(_each(listed)) if isinstance(listed, list) else frozenset()


def _each(listed: list[Any]) -> Iterator[str]:
    for one in listed:
        yield one if isinstance(one, str) else _text(one, "name")


def _text(said: Any, name: str) -> str:
    value = said.get(name) if isinstance(said, dict) else None
    number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if number or isinstance(value, str) else ""

"""The history in HubSpot's inbox, through a custom channel: conversations as threads.

https://developers.hubspot.com/docs/api-reference/2026-03/conversations/custom-channels/guide
One message for each call. A message can be neither changed nor deleted by any API: an edit is a
message of its own, and what must be gone is a person's to delete (`docs/crm-hubspot.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from bridge.connectors.calls import Answer, Calls, words
from bridge.connectors.contract import (
    Around,
    LeftOut,
    Limits,
    Lookup,
    NotWritten,
    RowResult,
    Step,
    Written,
)
from bridge.connectors.hubspot import messages
from bridge.connectors.hubspot.messages import OPAQUE, Account, Remote
from bridge.connectors.hubspot.options import HubSpotOptions
from bridge.connectors.hushed import hushed
from bridge.connectors.signin import Fetched, Fixed, SignIn
from bridge.errors import (
    Again,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    PersonMustAct,
    Refused,
)
from bridge.model import Finding, Urgency
from bridge.records import Change, IdentityRecord, InteractionRecord, Resource, Why

VERSION = "2026-03"
GUIDE = (
    "https://developers.hubspot.com/docs/api-reference/2026-03/conversations/custom-channels/guide"
)
SHOWN_AS_SENT = "SHOWN_AS_SENT"
"""The code of a message that was not sent, which HubSpot could not be told yet."""
SCOPES = "conversations.custom_channels.read and conversations.custom_channels.write"


class HubSpot:
    """Fulfils `contract.Crm`. HubSpot's ids are told as `messages.Remote` writes them."""

    Options = HubSpotOptions
    limits: ClassVar[Limits] = Limits(
        rows=1,
        calls=100,
        window=10.0,
        sources=(
            "https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines",
        ),
    )
    takes: ClassVar[frozenset[Resource]] = frozenset({Resource.INTERACTION})

    def __init__(self, target: str, options: dict[str, Any], around: Around) -> None:
        self._options = options
        self._calls = Calls(options["url"], around, _sign_in(target, options, around), _wait)
        self._path = f"/conversations/custom-channels/{VERSION}/{options['channel_id']}"
        self._account: Account | None = None

    def plan(self) -> tuple[Step, ...]:
        name, inbox = self._options["account"], self._options["inbox_id"]
        there = self._find() is not None
        return (Step("channel account", name, f"in inbox {inbox}: messages arrive by it", there),)

    def make(self, step: Step) -> None:
        if self._find() is not None:
            return
        name = self._options["account"]
        answer = self._calls.ask(
            "POST",
            f"{self._path}/channel-accounts",
            body={
                "name": name,
                "inboxId": self._options["inbox_id"],
                "authorized": True,
                "deliveryIdentifier": {"type": OPAQUE, "value": name},
            },
        )
        self._or_stop(answer)
        if not answer.good:
            raise Refused(f"HubSpot does not make the channel account: {_said(answer)}")

    def examine(self) -> tuple[Finding, ...]:
        if self._find() is None:
            name = self._options["account"]
            says = f"there is no channel account {name} that is switched on"
            return (Finding("channel account", Urgency.PROBLEM, says, "bridge crm setup"),)
        return (Finding("channel account", Urgency.OK, "it is there"), self._threads())

    def write(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        return tuple(self._one(change, look) for change in batch)

    def remove(self, gone: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        return tuple(self._gone(change, look) for change in gone)

    def _one(self, change: Change, look: Lookup) -> RowResult:
        record = change.record
        assert isinstance(record, InteractionRecord)
        because = messages.why_not(record)
        if because:
            return LeftOut(because)
        remote, version = Remote.read(look.remote_id(record.id)), messages.version_of(record)
        if remote.holds(record):
            return self._fared(record, remote)
        answer = self._published(self._body(change, look))
        if answer.status == 409:
            remote = remote.and_also("", version, messages.SOMEWHERE)
        elif answer.good:
            thread, message = _of(answer, "conversationsThreadId"), _of(answer, "id")
            there = str(message or messages.SOMEWHERE)
            remote = remote.and_also(str(thread or ""), version, there)
        else:
            code = _of(answer, "category") or str(answer.status)
            because = f"HubSpot does not take it: {hushed(_said(answer), record)}"
            return NotWritten(code, because, remote_id=str(remote.without(version)))
        return self._fared(record, remote)

    def mark(self, change: Change, look: Lookup) -> str:
        record = change.record
        assert isinstance(record, InteractionRecord)
        remote, version = Remote.read(look.remote_id(record.id)), messages.version_of(record)
        if messages.why_not(record) or remote.holds(record):
            return ""
        return str(remote.and_also("", version, messages.ASKED))

    def _published(self, body: dict[str, Any]) -> Answer:
        """What it answers may have been deleted there by a person: then it goes without that. A 404
        while the channel's account is there is about the row."""
        way = f"{self._path}/messages"
        answer = self._calls.ask("POST", way, body=body)
        if answer.status in (400, 404) and "inReplyToId" in body:
            alone = {name: value for name, value in body.items() if name != "inReplyToId"}
            answer = self._calls.ask("POST", way, body=alone)
        if answer.status != 404 or self._find() is None:
            self._or_stop(answer)
        return answer

    def _body(self, change: Change, look: Lookup) -> dict[str, Any]:
        record = change.record
        assert isinstance(record, InteractionRecord)
        who = look.record(record.identity_id) if record.identity_id else None
        identity = who if isinstance(who, IdentityRecord) else None
        reply_to = Remote.read(look.remote_id(record.answers)).latest if record.answers else ""
        unsent = Remote.read(look.remote_id(record.id)).unsent(record)
        return messages.body(change, self._channel_account(), identity, reply_to, unsent)

    def _fared(self, record: InteractionRecord, remote: Remote) -> RowResult:
        """Says of an outgoing message that it was never sent, where that is so."""
        status = messages.status(record)
        if status is None or not remote.latest:
            return Written(str(remote))
        try:
            answer = self._calls.ask("PATCH", self._message(remote.latest), body=status)
            if answer.status != 404:
                self._or_stop(answer)
        except (Again, NobodyKnows, PersonMustAct) as wrong:
            # The message is there, and where must not be forgotten.
            return NotWritten(SHOWN_AS_SENT, wrong.because, again=True, remote_id=str(remote))
        if answer.good or answer.status == 404:  # 404: a person deleted it there
            return Written(str(remote.failed(record)))
        because = f"HubSpot shows it as sent, which it was not: {hushed(_said(answer), record)}"
        code = _of(answer, "category") or str(answer.status)
        return NotWritten(code, because, remote_id=str(remote))

    def _gone(self, change: Change, look: Lookup) -> RowResult:
        if change.record.deleted_reason == Why.DUPLICATE:
            return LeftOut("the thread shows it twice: HubSpot's API deletes no message")
        remote = Remote.read(look.remote_id(change.record.id))
        left = [message for _, message in remote.messages if self._is_there(message)]
        if not left:
            return Written()
        reason = change.record.deleted_reason
        if any(each in (messages.SOMEWHERE, messages.ASKED) for each in left):
            return NotWritten(
                "A_PERSON_LOOKS",
                f"HubSpot may hold {change.record.id} ({reason}), and the answer with its number "
                "there was lost: look for the conversation in HubSpot's inbox and delete it "
                "there, also from the trash. The bridge cannot see that you did: this row stays",
            )
        where = remote.thread or f"that holds {change.record.id}"
        return NotWritten(
            "A_PERSON_DELETES",
            "no API of HubSpot deletes a message of a custom channel: open the conversation "
            f"{where} in HubSpot's inbox, delete it there, also from the trash, and then ask again "
            f"(message {', '.join(left)}, {reason})",
        )

    def _is_there(self, message: str) -> bool:
        if message in (messages.SOMEWHERE, messages.ASKED):
            return True
        answer = self._calls.ask("GET", self._message(message))
        if answer.status == 404:
            return False
        self._or_stop(answer)
        return True

    def _message(self, message: str) -> str:
        return f"{self._path}/messages/{quote(message, safe='')}"

    def _channel_account(self) -> Account:
        """Remembered for as long as this object lives: its number does not change."""
        self._account = self._account or self._find()
        if self._account is None:
            raise Misconfigured("there is no channel account in HubSpot: bridge crm setup")
        return self._account

    def _find(self) -> Account | None:
        name = self._options["account"]
        answer = self._calls.ask(
            "GET",
            f"{self._path}/channel-accounts",
            params={"deliveryIdentifierValue": name, "limit": "100"},
        )
        self._or_stop(answer)
        if not answer.good:
            raise Misconfigured(f"HubSpot does not show the channel's accounts: {_said(answer)}")
        for each in _of(answer, "results") or ():
            known = each.get("deliveryIdentifier") or {}
            if known.get("value") == name and each.get("authorized") and not each.get("archived"):
                return Account(str(each["id"]), name)
        return None

    def _threads(self) -> Finding:
        """Whether the channel keeps conversations apart by our ids. It belongs to the app, and not
        every token may look at it."""
        about = "channel"
        try:
            answer = self._calls.ask("GET", self._path)
        except NeedsSignIn:
            answer = None
        if answer is None or not answer.good:
            says = "only the app that registered the channel may look at its settings"
            do = "see that its threadingModel is INTEGRATION_THREAD_ID"
            return Finding(about, Urgency.ADVICE, says, do)
        model = (_of(answer, "capabilities") or {}).get("threadingModel")
        if model not in (None, "INTEGRATION_THREAD_ID"):
            says = f"its threadingModel is {words(model)}: conversations would run into another"
            do = f"set it to INTEGRATION_THREAD_ID, see {GUIDE}"
            return Finding(about, Urgency.PROBLEM, says, do)
        return Finding(about, Urgency.OK, "conversations are threads of their own")

    def _or_stop(self, answer: Answer) -> None:
        """Raises for what no row is to blame for."""
        if answer.status == 403:
            if _of(answer, "category") == "MISSING_SCOPES":
                raise NeedsSignIn(f"the token lacks rights: HubSpot wants {SCOPES}")
            raise Misconfigured(f"HubSpot forbids it: {_said(answer)}")
        if answer.status == 404:
            channel = self._options["channel_id"]
            raise Misconfigured(f"HubSpot knows no custom channel {channel}: {_said(answer)}")


def _sign_in(target: str, options: Mapping[str, Any], around: Around) -> SignIn:
    """The token address of this version; its forerunner /oauth/v1 ends in February 2027.

    https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token
    """
    if options["token"]:
        return Fixed(options["token"])

    def form(refresh: str) -> Mapping[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": options["client_id"],
            "client_secret": options["client_secret"].reveal(),
            "refresh_token": refresh or options["refresh_token"].reveal(),
        }

    return Fetched(f"crm {target}", f"{options['url']}/oauth/{VERSION}/token", form, around)


def _wait(answer: Answer) -> float:
    """A day's limit ends at midnight of the account's zone, which is not told; the other one is
    over ten seconds. https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
    """
    return 3600.0 if _of(answer, "policyName") == "DAILY" else 10.0


def _of(answer: Answer, name: str) -> Any:
    return answer.data.get(name) if isinstance(answer.data, dict) else None


def _said(answer: Answer) -> str:
    return words(f"{answer.status}, {_of(answer, 'message') or 'without a word'}")

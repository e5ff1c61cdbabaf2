"""What may be asked of the history API, and how: checked here, turned into frozen types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request
from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from bridge.crm import feed
from bridge.ledger.changes import KINDS
from bridge.records import Resource
from bridge.web.answers import complaint
from bridge.web.api.door import Refusal

LONGEST = 500
"""Characters of a platform's id, a ticket's, a platform's name."""

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)(\.\d+)?(Z|[+ -]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)


class Since(fields.Field[datetime]):
    """RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6) of any precision and offset.

    The offset must be there: a time of nobody knows where is no instant. A `+` that arrives as a
    space, because it was not escaped in the address, is taken for what it was.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        found = _RFC3339.fullmatch(value)
        if found is None:
            raise ValidationError("must be an instant like 2026-11-21T12:00:00Z, with its offset")
        minute, second, fraction, offset = found.groups()
        leap = second == "60"
        text = f"{minute}{'59' if leap else second}{(fraction or '')[:7]}{offset}"
        try:
            at = datetime.fromisoformat(text.upper().replace(" ", "+")).astimezone(UTC)
            return at + timedelta(seconds=1) if leap else at
        except (ValueError, OverflowError):
            raise ValidationError("there is no such instant") from None


class Whole(fields.Integer):
    """ASCII digits and nothing else."""

    def _validated(self, value: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(value)):
            raise ValidationError("must be a whole number")
        return int(value)


def pattern(kind: str) -> str:
    """Of a record's id; "" for a ticket's, which is the helpdesk's."""
    return "" if kind == "ticket" else f"^{kind}_[1-9][0-9]{{0,17}}$"


class Number(fields.String):
    """A record's id, `customer_7`: the ledger's number of it."""

    def __init__(self, kind: str, **more: Any) -> None:
        told = {**more.pop("metadata", {}), "pattern": pattern(kind)}
        super().__init__(metadata=told, **more)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        # `$` would let a line's end pass.
        if not re.fullmatch(pattern(self.kind)[:-1], str(value)):
            raise ValidationError(f"must be an id like {self.kind}_7")
        return int(str(value).removeprefix(f"{self.kind}_"))


class Several(fields.String):
    """One of some words, or several with commas between them."""

    def __init__(self, words: tuple[str, ...], **more: Any) -> None:
        one = "|".join(words)
        told = {**more.pop("metadata", {}), "pattern": f"^({one})(,({one}))*$"}
        super().__init__(metadata=told, **more)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        given = str(value).split(",")
        if not set(given) <= set(self.words):
            raise ValidationError(f"must be of {', '.join(self.words)}")
        return tuple(dict.fromkeys(given))


def _name(description: str) -> fields.String:
    return fields.String(
        validate=[
            validate.Length(min=1, max=LONGEST),
            validate.ContainsNoneOf("\0", error="must not contain a NUL character"),
        ],
        metadata={"description": description},
    )


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for: where to go on, and which records. 0 and "" are not asked for."""

    cursor: str = ""
    updated_since: datetime | None = None
    limit: int = feed.DEFAULT
    resource: tuple[Resource, ...] = ()
    type: tuple[str, ...] = ()
    customer: int = 0
    identity: int = 0
    conversation: int = 0
    ticket: str = ""
    platform: str = ""
    platform_user_id: str = ""


class Listing(Schema):
    """What every list takes."""

    class Meta:
        unknown = RAISE

    cursor = fields.String(
        validate=validate.Length(min=1),
        metadata={
            "description": "Where to go on: `next_cursor` or `resume_cursor` of the page before. "
            "It wins: `updated_since` beside it is ignored."
        },
    )
    updated_since = Since(
        metadata={
            "type": "string",
            "format": "date-time",
            "description": "Only what changed at this instant or later. RFC 3339, any precision, "
            "any offset.",
        }
    )
    limit = Whole(
        load_default=feed.DEFAULT,
        validate=validate.Range(min=1, max=feed.MOST),
        metadata={"description": f"Records on a page: at most {feed.MOST}."},
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Query:
        return Query(**data)


class Changes(Listing):
    resource = Several(
        tuple(map(str, Resource)),
        metadata={
            "description": "Only these kinds of records. Without it: all that the token may read."
        },
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Query:
        kinds = data.pop("resource", ())
        return Query(**data, resource=tuple(Resource(each) for each in kinds))


class _OfCustomer(Listing):
    customer = Number("customer", metadata={"description": "Of this customer."})


class _OfPlatform(Listing):
    platform = _name("The network; goes with `platform_user_id`.")
    platform_user_id = _name("Whose stable id on `platform` is this.")

    @validates_schema
    def _both(self, data: dict[str, Any], **_: Any) -> None:
        if ("platform" in data) != ("platform_user_id" in data):
            raise ValidationError("go together", "platform, platform_user_id")


class _OfIdentity(_OfPlatform):
    identity = Number("identity", metadata={"description": "Of this identity."})


class _OfTicket(Listing):
    ticket = _name("In a conversation that has this ticket, or ever had it.")


class Customers(_OfIdentity, _OfTicket):
    pass


class Identities(_OfCustomer, _OfPlatform):
    pass


class Conversations(_OfCustomer, _OfIdentity, _OfTicket):
    pass


class Interactions(_OfCustomer, _OfIdentity, _OfTicket):
    conversation = Number("conversation", metadata={"description": "In this conversation."})
    type = Several(KINDS[Resource.INTERACTION], metadata={"description": "Only of these types."})


class Merges(_OfCustomer):
    pass


LISTS: dict[Resource, Listing] = {
    Resource.CUSTOMER: Customers(),
    Resource.IDENTITY: Identities(),
    Resource.CONVERSATION: Conversations(),
    Resource.INTERACTION: Interactions(),
    Resource.MERGE: Merges(),
}
CHANGES = Changes()


def query(schema: Listing, **fixed: str) -> Query:
    """What is asked for. `fixed` is what the address says. Raises `Refusal` with 422.

    What is not known, empty or said twice is refused: a filter that is ignored would answer with
    other people's history.
    """
    given: dict[str, str] = dict(fixed)
    for name, values in request.args.lists():
        if len(values) > 1 or name in given:
            raise wrong({name: ["must be said once"]})
        given[name] = values[0]
    try:
        asked = schema.load(given)
    except ValidationError as mistakes:
        raise wrong(mistakes.messages_dict) from None
    assert isinstance(asked, Query)
    return asked


def wrong(mistakes: Mapping[str, Any]) -> Refusal:
    """422, with each field's name and what is wrong with it, but not what was given."""
    said = [f"{_short(name)}: {_words(says)}" for name, says in mistakes.items()]
    return Refusal(complaint(422, "; ".join(said[:10])))


def _short(name: object) -> str:
    text = str(name).encode("ascii", "backslashreplace").decode()
    return text if len(text) <= 60 else f"{text[:59]}…"


def _words(says: Any) -> str:
    return ", ".join(str(each).rstrip(".") for each in says) if isinstance(says, list) else "wrong"

"""The shape of a mapping, as marshmallow schemas: every key, and what each turns into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from bridge.mapping import values
from bridge.mapping.guards import GuardChoice, GuardSchema, Priority
from bridge.mapping.hours import Hours, is_whole_week
from bridge.mapping.model import (
    AfterClosing,
    ErasedAt,
    MediaPolicy,
    OpsPolicy,
    Per,
    Removed,
    Route,
    Skip,
    WhenTooLong,
)
from bridge.mapping.policies import Choices, Reopen, ThreadChoice
from bridge.mapping.rules import Followers, Rule, When
from bridge.mapping.service import ServiceSchema, service_of
from bridge.mapping.shape import OneOrMore, Parsed, Strict, Table, section
from bridge.mapping.storms import StormSchema
from bridge.mapping.week import week, zone
from bridge.model import Kind, Visibility
from bridge.text.words import LANGUAGES


class FollowersSchema(Strict):
    at_least = Parsed(values.number)
    at_most = Parsed(values.number)

    @validates_schema
    def some_range(self, data: Any, **kwargs: Any) -> None:
        least, most = data.get("at_least"), data.get("at_most")
        if least is None and most is None:
            raise ValidationError("needs at_least or at_most")
        if least is not None and most is not None and least > most:
            raise ValidationError("at_least is more than at_most: nobody fits")

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Followers:
        return Followers(**data)


class HoursSchema(Strict):
    zone = Parsed(zone, required=True)
    within = Parsed(week)
    outside = Parsed(week)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def one_side(self, data: Any, original: Any, **kwargs: Any) -> None:
        if isinstance(original, dict) and ("within" in original) == ("outside" in original):
            raise ValidationError("needs either within or outside")

    @validates_schema
    def some_time(self, data: Any, **kwargs: Any) -> None:
        if is_whole_week(data.get("outside", ())):
            raise ValidationError("leaves no time of the week, so this fits no post", "outside")

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Hours:
        within = "within" in data
        return Hours(data["zone"], data["within" if within else "outside"], within)


class WhenSchema(Strict):
    network = OneOrMore(values.line, attribute="networks")
    account = OneOrMore(values.line, attribute="accounts")
    kind = OneOrMore(values.one_of(Kind), attribute="kinds")
    visibility = OneOrMore(values.one_of(Visibility), attribute="visibilities")
    language = OneOrMore(values.language, attribute="languages")
    words = OneOrMore(values.searched)
    author = OneOrMore(values.handle, attribute="authors")
    followers = section(FollowersSchema)
    has_media = Parsed(values.flag)
    hours = section(HoursSchema)

    @validates_schema(pass_original=True)
    def something(self, data: Any, original: Any, **kwargs: Any) -> None:
        if original == {}:
            raise ValidationError("is empty: leave `when` out to take every post")

    @post_load
    def made(self, data: Any, **kwargs: Any) -> When:
        return When(**data)


class RouteSchema(Strict):
    group = Parsed(values.name_or_id)
    priority = Parsed(values.one_of(Priority))
    tags = OneOrMore(values.tag)
    assignee = Parsed(values.name_or_id)
    form = Parsed(values.name_or_id)
    fields_ = Table(values.field_word, values.field_value, data_key="fields", attribute="fields")

    @validates_schema(pass_original=True)
    def something(self, data: Any, original: Any, **kwargs: Any) -> None:
        if original == {}:
            raise ValidationError("is empty: name a group at least")


class RuleSchema(Strict):
    name = Parsed(values.line, required=True)
    when = section(WhenSchema)
    route = section(RouteSchema)
    skip = Parsed(values.line)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def one_end(self, data: Any, original: Any, **kwargs: Any) -> None:
        if isinstance(original, dict) and ("route" in original) == ("skip" in original):
            raise ValidationError("a rule needs either `route` or `skip` (with its reason)")

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Rule:
        name = data["name"]
        then: Route | Skip
        if "skip" in data:
            then = Skip(name, data["skip"])
        else:
            route = data["route"]
            route["fields"] = tuple(route.get("fields", {}).items())
            route["priority"] = str(route.get("priority", ""))
            then = Route(rule=name, because="", **route)
        return Rule(name, data.get("when", When()), then)


def _reopen(value: Any) -> Reopen:
    if value == "always":
        return Reopen(None)
    try:
        return Reopen(values.duration(value))
    except ValidationError as error:
        raise ValidationError(f"{error.messages[0]}, or always") from error


class ThreadSchema(Strict):
    per = Parsed(values.one_of(Per))
    reopen_within = Parsed(_reopen)
    after_closing = Parsed(values.one_of(AfterClosing))

    @post_load
    def made(self, data: Any, **kwargs: Any) -> ThreadChoice:
        return ThreadChoice(**data)


ThreadsSchema = Strict.from_dict(
    {name: section(ThreadSchema) for name in ("default", *map(str, Kind))}, name="ThreadsSchema"
)


class HandoverSchema(Strict):
    notice = Parsed(values.flag)
    wording = Table(values.language, values.wording)


class TooLongSchema(Strict):
    public = Parsed(values.one_of(WhenTooLong))
    private = Parsed(values.one_of(WhenTooLong))


def _too_long(value: Any) -> dict[str, WhenTooLong]:
    """One word for both, or one for each visibility."""
    if isinstance(value, dict):
        chosen: dict[str, WhenTooLong] = TooLongSchema().load(value)
        return chosen
    word = values.one_of(WhenTooLong)(value)
    return {"public": word, "private": word}


class RepliesSchema(Strict):
    too_long = Parsed(_too_long)


class MediaSchema(Strict):
    copy = Parsed(values.flag)

    @post_load
    def made(self, data: Any, **kwargs: Any) -> MediaPolicy:
        return MediaPolicy(**data)


class ChoicesSchema(ServiceSchema):
    """What may be chosen for all accounts, and for each."""

    threads = section(ThreadsSchema)
    handover = section(HandoverSchema)
    replies = section(RepliesSchema)
    media = section(MediaSchema)
    removed = Parsed(values.one_of(Removed))
    guard = section(GuardSchema)


def choices(data: Any) -> Choices:
    """The choices among what a schema loaded."""
    handover = data.get("handover", {})
    return Choices(
        threads=tuple(data.get("threads", {}).items()),
        notice=handover.get("notice"),
        wording=tuple(handover.get("wording", {}).items()),
        too_long=tuple(
            (Visibility(name), word)
            for name, word in data.get("replies", {}).get("too_long", {}).items()
        ),
        media=data.get("media"),
        removed=data.get("removed"),
        guard=data.get("guard", GuardChoice()),
        service=service_of(data),
    )


def _options(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValidationError("must hold keys")
    return value


class AccountSchema(ChoicesSchema):
    network = Parsed(values.line, required=True)
    language = Parsed(values.language, load_default="en")
    options = Parsed(_options)


def _field_id(value: Any) -> int | None:
    """A ticket field's id; empty while it is not known yet."""
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) <= 18 else value
    number = values.number(value)
    if number == 0:
        raise ValidationError("no ticket field has the id 0: leave it empty while you do not know")
    return number


def _agents_language(value: Any) -> str:
    if not isinstance(value, str) or value not in LANGUAGES:
        raise ValidationError(f"notes are written in {' or '.join(sorted(LANGUAGES))}")
    return str(value)


class HelpdeskSchema(Strict):
    language = Parsed(_agents_language)
    fields_ = Table(values.field_word, _field_id, data_key="fields")

    @validates_schema
    def one_word_each(self, data: Any, **kwargs: Any) -> None:
        """Of two words with one field, one value would be lost on every ticket."""
        first: dict[int, str] = {}
        twice = {
            word: [f'{number} is "{first[number]}" already: one of the two would be lost']
            for word, number in data.get("fields_", {}).items()
            if number is not None and first.setdefault(number, word) != word
        }
        if twice:
            raise ValidationError({"fields": twice})


def _accounts(value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        raise ValidationError("must hold at least one account, under its name")
    return value


def _rules(value: Any) -> Any:
    if not isinstance(value, list):
        raise ValidationError("must be a list: each rule begins with `- name:`")
    if not value:
        raise ValidationError("there is no rule, so every post would be skipped")
    return value


class ErasureSchema(Strict):
    helpdesk = Parsed(values.one_of(ErasedAt))


class OpsSchema(Strict):
    group = Parsed(values.name_or_id, required=True)
    after = Parsed(values.duration)

    @post_load
    def made(self, data: Any, **kwargs: Any) -> OpsPolicy:
        return OpsPolicy(**data)


class TopSchema(ChoicesSchema):
    """The whole; accounts and rules are loaded one by one, so that one mistake hides no other."""

    accounts = Parsed(_accounts, required=True)
    rules = Parsed(_rules, required=True)
    helpdesk = section(HelpdeskSchema)
    ops = section(OpsSchema)
    storm = section(StormSchema)
    erasure = section(ErasureSchema)


def keys(schema: Schema | None = None) -> Iterator[str]:
    """Every key that can be written, from the top."""
    if schema is None:
        for top in (TopSchema(), AccountSchema(), RuleSchema(), TooLongSchema()):
            yield from keys(top)
        return
    for name, field in schema.fields.items():
        yield field.data_key or name
        if isinstance(field, fields.Nested):
            yield from keys(field.schema)

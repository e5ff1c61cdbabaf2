"""The frozen bodies: the exact JSON of a write, decided before it is sent.

https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/

A body is ASCII with sorted keys, so it is the same bytes in every process and in every database.
What customers wrote goes out as escaped `html_body`: Zendesk reads `body` as Markdown, which
would turn their characters into links and pictures fetched from anywhere.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Protocol

from bridge.errors import Misconfigured
from bridge.helpdesks.zendesk.shapes import id_of
from bridge.model import Comment, Ticket
from bridge.text.html import to_text

REPLY_AS = {
    "auto": "bridge_reply_auto",
    "private": "bridge_reply_private",
    "public": "bridge_reply_public",
}
"""The options of the "reply as" field: our words, and the tags that Zendesk knows them by."""
PRIORITIES = ("low", "normal", "high", "urgent")
EMPTY = "–"
"""Zendesk refuses a comment without words, even one with files."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PLACEHOLDER = re.compile(r"\{(?=[{%])")
_WORD_JOINER = "\N{WORD JOINER}"


class Names(Protocol):
    """Looks up what the mapping calls by name. Raises `Misconfigured`, or the `Again` kinds."""

    def group(self, name: str) -> int: ...

    def form(self, name: str) -> int: ...


def literal(text: str) -> str:
    """The text as it may be handed to Zendesk: nothing in it is acted upon.

    The bridge writes as an agent, and an agent's `{{placeholder}}` is filled in by Zendesk (with
    the requester's e-mail address, say). An invisible word joiner between the braces stops that.
    """
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return _PLACEHOLDER.sub("{" + _WORD_JOINER, _CONTROLS.sub("", text))


def as_html(text: str) -> str:
    """Plain text as HTML that shows exactly that text."""
    lines = html.escape(literal(text).strip() or EMPTY).split("\n")
    return "<p>" + "<br>".join(lines) + "</p>"


def subject_line(text: str) -> str:
    """A subject as it is handed to Zendesk."""
    return " ".join(literal(text).split()) or EMPTY


def opening(
    ticket: Ticket, comment: Comment, author_id: str, names: Names, fields: dict[str, int]
) -> str:
    """The body that opens a ticket."""
    body: dict[str, Any] = {
        "subject": subject_line(ticket.subject),
        "external_id": ticket.external_id,
        "comment": _comment(comment, author_id),
        "metadata": _metadata(comment.mark),
    }
    if author_id:
        body["requester_id"] = number(author_id, "a requester")
    if ticket.group:
        body["group_id"] = names.group(ticket.group)
    if ticket.priority:
        body["priority"] = _priority(ticket.priority)
    if ticket.assignee:
        body |= _assignee(ticket.assignee)
    if ticket.form:
        body["ticket_form_id"] = names.form(ticket.form)
    if ticket.tags:
        body["tags"] = as_tags(ticket.tags)
    if ticket.fields:
        body["custom_fields"] = _custom_fields(ticket.fields, fields)
    if ticket.follow_up_of:
        body["via_followup_source_id"] = number(ticket.follow_up_of, "a closed ticket")
    return freeze(body)


def appending(
    comment: Comment,
    author_id: str,
    *,
    reopen: bool,
    tags: tuple[str, ...],
    values: tuple[tuple[str, str], ...],
    fields: dict[str, int],
    solve: bool = False,
) -> str:
    """The body that adds a comment. `tags` would replace those on the ticket; these are added."""
    body: dict[str, Any] = {
        "comment": _comment(comment, author_id),
        "metadata": _metadata(comment.mark),
    }
    if reopen:
        # The updater is the bridge, an agent, so Zendesk does not reopen the ticket by itself.
        body["status"] = "open"
    elif solve:
        body["status"] = "solved"
    if tags:
        body["additional_tags"] = as_tags(tags)
    if values:
        body["custom_fields"] = _custom_fields(values, fields)
    return freeze(body)


def setting(mark: str, values: tuple[tuple[str, str], ...], fields: dict[str, int]) -> str:
    """The body that sets fields and says nothing."""
    custom = _custom_fields(values, fields)
    return freeze({"custom_fields": custom, "metadata": _metadata(mark)})


def freeze(ticket: dict[str, Any]) -> str:
    return json.dumps({"ticket": ticket}, sort_keys=True, separators=(",", ":"))


def safely(body: str, stamp: str) -> str:
    """The same update, for the ticket as it was at its `updated_at`: refused (409) on any other."""
    return freeze(thaw(body) | {"safe_update": True, "updated_stamp": stamp})


def thaw(body: str) -> dict[str, Any]:
    """Raises `Misconfigured` for what is not a frozen body of ours."""
    try:
        ticket = json.loads(body)["ticket"]
    except (ValueError, KeyError, TypeError):
        ticket = None
    if not isinstance(ticket, dict) or not body.isascii():
        raise Misconfigured("this is not a body that was frozen for Zendesk")
    return ticket


def said_in(body: str) -> str:
    """The words of the comment in a frozen body, without what `literal` put between them."""
    try:
        comment = json.loads(body)["ticket"]["comment"]
    except (ValueError, KeyError, TypeError):
        return ""
    said = comment.get("html_body") if isinstance(comment, dict) else None
    return to_text(said).replace(_WORD_JOINER, "") if isinstance(said, str) else ""


def author_in(body: str) -> str:
    """The id of the user in whose name a frozen body speaks, "" if in nobody's but ours."""
    comment = thaw(body).get("comment")
    return id_of(comment.get("author_id")) if isinstance(comment, dict) else ""


def as_tags(tags: Iterable[str]) -> list[str]:
    """Zendesk's tags are lower-case and hold no space: one with a space would become two."""
    clean = ("_".join(literal(tag).lower().split()) for tag in tags)
    return sorted({tag for tag in clean if tag})


def number(value: str, what: str) -> int:
    """An id of Zendesk's. Raises `Misconfigured` for anything that could reach into a path."""
    if not id_of(value):
        raise Misconfigured(f"{what} of Zendesk's has a number, not {value[:40]!r}")
    return int(value)


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint for a mistaken word: the one that was probably meant."""
    known = sorted(words)
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"there are: {', '.join(known[:20]) or 'none'}"


def _comment(comment: Comment, author_id: str) -> dict[str, Any]:
    """`public` is always said: left out, Zendesk takes whatever the comment before it was."""
    body: dict[str, Any] = {"html_body": as_html(comment.text), "public": comment.public}
    if author_id:
        body["author_id"] = number(author_id, "an author")
    if comment.uploads:
        body["uploads"] = list(comment.uploads)
    return body


def _metadata(mark: str) -> dict[str, Any]:
    return {"bridge": {"mark": mark}}


def _priority(word: str) -> str:
    if word not in PRIORITIES:
        raise Misconfigured(f"Zendesk has no priority {word!r}: {nearest(word, PRIORITIES)}")
    return word


def _assignee(word: str) -> dict[str, Any]:
    if id_of(word):
        return {"assignee_id": int(word)}
    if "@" in word:
        return {"assignee_email": word}
    raise Misconfigured(f"assignee {word!r}: name an agent by Zendesk's id or by e-mail address")


def _custom_fields(
    values: tuple[tuple[str, str], ...], fields: dict[str, int]
) -> list[dict[str, Any]]:
    unknown = [word for word, _ in values if word not in fields]
    if unknown:
        raise Misconfigured(
            "; ".join(
                f"no Zendesk field is named for {word!r}: {nearest(word, fields)}"
                for word in unknown
            )
        )
    return [{"id": fields[word], "value": _value(word, value)} for word, value in values]


def _value(word: str, value: str) -> str:
    """A drop-down takes its options' tags, every other field what is written."""
    return REPLY_AS.get(value, value) if word == "reply_as" else literal(value)

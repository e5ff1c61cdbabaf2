"""The flows that are run: what people do, and what must stand on both sides in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faults.acts import (
    LONG,
    PICTURE,
    Act,
    answers,
    answers_unheard,
    as_it_is,
    asks,
    asks_more,
    blind,
    closed,
    deletes,
    edits,
    merged,
    nothing,
    only_noted,
    renewing,
    shows,
    signed_out,
    unanswered,
    with_a_website,
    writes,
)

from bridge.flow.bridge import Bridge

PUBLIC, DIRECT = "public", "direct"


@dataclass(frozen=True)
class Flow:
    """`act` is what is run with a fault in it, after `before`. `ticket` is what stands on the
    tickets in the end (seen by the customer, words), `thread` who said what how on the network,
    in order. `passes` are calls without which it would be another flow; of these, `about` is the
    one for whose sake it is here. `dressed` changes each process before it begins."""

    name: str
    act: Act
    ticket: tuple[tuple[bool, str], ...]
    thread: tuple[tuple[str, str, str], ...]
    passes: tuple[str, ...]
    about: str = ""
    before: Act = nothing
    dressed: Callable[[Bridge], Bridge] = as_it_is
    prepare: Act = nothing
    may_be_unknown: bool = False


ASKED = (("ada", PUBLIC, "first"),)
TICKET, UPDATE = "POST Zendesk /api/v2/tickets", "PUT Zendesk /api/v2/tickets/*"
UPLOAD = "POST Zendesk /api/v2/uploads"
REDACT = "PUT Zendesk /api/v2/tickets/*/comments/*/redact"
SIGN_IN = "POST Zendesk /oauth/tokens"
EXPORT = "GET Zendesk /api/v2/incremental/tickets/cursor"
POST = "POST Mastodon /api/v1/statuses"
AUDITS = "GET Zendesk /api/v2/tickets/*/audits"
REPLIES = "POST website /replies"
HELLO = (*ASKED, ("bridge", PUBLIC, "Hello"))

FLOWS = {
    flow.name: flow
    for flow in (
        Flow("open", asks(), ((True, "first"),), ASKED, (TICKET,), about=TICKET),
        Flow(
            "open with a picture",
            shows,
            ((True, "first"),),
            ASKED,
            (TICKET, UPLOAD, "GET Mastodon /system/media_attachments/files/*/original/*"),
            about=UPLOAD,
        ),
        Flow(
            "append",
            asks_more,
            ((True, "first"), (True, "second")),
            (*ASKED, ("ada", PUBLIC, "second")),
            (UPDATE,),
            about=UPDATE,
            before=asks(),
        ),
        Flow(
            "edit",
            edits,
            ((True, "first"), (False, "second thoughts")),
            (("ada", PUBLIC, "second thoughts"),),
            (UPDATE,),
            before=asks(),
        ),
        Flow(
            "delete, taken off",
            deletes,
            ((True, "▇"), (False, "removed")),
            (),
            (UPDATE, REDACT),
            about=REDACT,
            before=asks(),
        ),
        Flow(
            "delete, noted",
            deletes,
            ((True, "first"), (False, "removed")),
            (),
            (UPDATE,),
            before=asks(),
            prepare=only_noted,
        ),
        Flow(
            "public reply",
            answers("Hello", reply_as="public"),
            ((True, "first"), (True, "Hello")),
            HELLO,
            (POST, UPDATE),
            about=POST,
            before=asks(),
        ),
        Flow(
            "private reply, then the notice",
            answers("#dm for you"),
            ((True, "first"), (True, "#dm for you")),
            (*ASKED, ("bridge", DIRECT, "for you"), ("bridge", PUBLIC, "in a private message")),
            (POST, "GET Mastodon /api/v1/statuses/*"),
            about=POST,
            before=asks(),
        ),
        Flow(
            "private reply in two parts",
            answers(f"#dm {LONG} the end"),
            ((True, "first"), (True, "the end")),
            (
                *ASKED,
                ("bridge", DIRECT, "word word"),
                ("bridge", DIRECT, "the end"),
                ("bridge", PUBLIC, "in a private message"),
            ),
            (POST,),
            before=asks(),
        ),
        Flow(
            "reply with a file",
            answers("See", files=(PICTURE,)),
            ((True, "first"), (True, "See")),
            (*ASKED, ("bridge", PUBLIC, "See")),
            (POST, "POST Mastodon /api/v2/media", "GET Zendesk's files /content-store/*"),
            before=asks(),
        ),
        Flow(
            "refused reply, noted",
            answers("Hello Dora"),
            ((True, "first"), (True, "Hello Dora"), (False, "refused this reply")),
            (("dora", PUBLIC, "first"),),
            (POST, UPDATE),
            about=UPDATE,
            before=asks("dora"),
        ),
        Flow(
            "reply by a channel that cannot look",
            answers("Hello"),
            ((True, "first"), (True, "Hello")),
            HELLO,
            (POST,),
            about=POST,
            before=asks(),
            dressed=blind,
            may_be_unknown=True,
        ),
        Flow(
            "token refresh",
            signed_out,
            ((True, "first"), (True, "second")),
            (*ASKED, ("ada", PUBLIC, "second")),
            (UPDATE, SIGN_IN),
            about=SIGN_IN,
            before=asks(),
            prepare=renewing,
        ),
        Flow(
            "reconcile",
            answers_unheard,
            ((True, "first"), (True, "Hello")),
            HELLO,
            (POST, EXPORT),
            about=EXPORT,
            before=asks(),
        ),
        Flow(
            "looking for a ticket",
            unanswered("desk", "POST /api/v2/tickets", asks()),
            ((True, "first"),),
            ASKED,
            (TICKET, "GET Zendesk /api/v2/tickets", AUDITS),
        ),
        Flow(
            "looking for a comment",
            unanswered("desk", "PUT /api/v2/tickets/*", asks_more),
            ((True, "first"), (True, "second")),
            (*ASKED, ("ada", PUBLIC, "second")),
            (UPDATE, AUDITS),
            before=asks(),
        ),
        Flow(
            "looking for a reply",
            unanswered("town", "POST /api/v1/statuses", answers("Hello")),
            ((True, "first"), (True, "Hello")),
            HELLO,
            (POST, "GET Mastodon /api/v1/accounts/*/statuses"),
            before=asks(),
        ),
        Flow(
            "append to a closed ticket",
            asks_more,
            ((True, "first"), (True, "second")),
            (*ASKED, ("ada", PUBLIC, "second")),
            (UPDATE, TICKET),
            before=closed,
        ),
        Flow(
            "append to a merged ticket",
            asks_more,
            (
                (True, "first"),
                (False, "was closed and merged"),
                (True, "other"),
                (False, "was closed and merged"),
                (True, "second"),
            ),
            (*ASKED, ("chloe", PUBLIC, "other"), ("ada", PUBLIC, "second")),
            (UPDATE,),
            before=merged,
        ),
        Flow(
            "pushed post",
            writes,
            ((True, "first"),),
            (("1001", PUBLIC, "first"),),
            (TICKET,),
            prepare=with_a_website,
        ),
        Flow(
            "reply to a pushed post",
            answers("Hello"),
            ((True, "first"), (True, "Hello")),
            (("1001", PUBLIC, "first"), ("brand", PUBLIC, "Hello")),
            (REPLIES,),
            about=REPLIES,
            before=writes,
            prepare=with_a_website,
        ),
    )
}

"""The rows that one conversation leaves: begun by a customer's message on the website `shop`,
answered by an agent, gone on with two more messages; all of it done. They are written after those
that the service leaves for such a story.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bench.tongue import APART, POSTS, Tongue
from bridge.ledger.shapes import Draft, draft_to_json, post_to_json, route_to_json
from bridge.mapping.model import Route
from bridge.model import Kind, Person, Post, Visibility

SHOP, DESK = "shop", "helpdesk:zendesk"
KEPT = 30 * 86_400
"""Older deliveries were emptied, as the service does unless told otherwise."""
DELIVERIES, STEPS, INTENTS, TRAIL, CHANGES = 4, 5, 4, 5, 7
"""Rows of one conversation."""

Row = dict[str, str]
"""Column → what it holds, as SQL in which i is the conversation's number from 1."""


def rows(t: Tongue) -> Iterator[tuple[str, Row]]:
    """Each table's rows, one after the other."""
    old = f"({t.count} - i) * {APART} > {KEPT}"
    yield (
        "people",
        {"network": "'site'", "network_id": t.text("i"), "handle": "''"}
        | {"id": "i", "name": f"'Customer ' || {t.text('i')}", "profile_url": "''"}
        | {"avatar_url": "''", "followers": "NULL", "language": "''"}
        | {"helpdesk_id": t.text("14500000000000 + i"), "seen_at": t.at(200)},
    )
    for which, (fact, value, source) in enumerate(
        (
            ("name", f"'Customer ' || {t.text('i')}", f"site:{SHOP}"),
            ("helpdesk_user_id", t.text("14500000000000 + i"), "helpdesk"),
        )
    ):
        yield (
            "profile_facts",
            {"id": f"2 * i - {which}", "person_id": "i", "fact": f"'{fact}'", "value": value}
            | {"source": f"'{source}'", "learnt_at": t.at()},
        )
    yield (
        "conversations",
        {"id": "i", "account": f"'{SHOP}'", "external_id": t.external, "person_id": t.person}
        | {"ticket_id": t.ticket, "opened_at": t.at(), "last_word_at": t.at(200)},
    )
    yield (
        "conversation_keys",
        {"account": f"'{SHOP}'", "conversation_id": "i"}
        | {"key": t.spelt("thread:@word0@:by:@person@")},
    )
    yield (
        "tickets",
        {"helpdesk": f"'{DESK}'", "ticket_id": t.ticket, "conversation_id": "i"}
        | {"since": t.at(), "status": "'open'", "solved_at": "NULL"},
    )
    yield (
        "lanes",
        {"key": f"'conversation:' || {t.text('i')}", "account": f"'{SHOP}'", "ready_at": "NULL"}
        | {"held_until": "NULL", "lease_until": "NULL", "holder": "''", "epoch": "5"}
        | {"woken": "6", "failures": "0", "because": "''"},
    )
    for which in range(DELIVERIES):
        yield "deliveries", _delivery(t, which, old)
    for which in range(POSTS):
        yield from _post(t, which)
    yield (
        "replies",
        {"id": "i", "helpdesk": f"'{DESK}'", "comment_id": t.comment(3), "conversation_id": "i"}
        | {"ticket_id": t.ticket, "body": t.spelt(draft_to_json(_draft()))}
        | {"visibility": "'public'", "because": "'it answers a public post'"}
        | {"answers": f"{POSTS} * i - 2", "overruled": t.yes(False), "attempt": "1"}
        | {"outcome": "'delivered'", "written_at": t.at(60), "found_at": t.at(61)}
        | {"author_id": t.text("378520001000 + i % 20"), "author_name": "'Ines'"},
    )
    for which, (kind, about) in enumerate(
        (
            ("post", t.text(f"{POSTS} * i - 2")),
            ("look", f"{t.ticket} || ':1'"),
            ("reply", f"{t.text('i')} || ':1'"),
            ("post", t.text(f"{POSTS} * i - 1")),
            ("post", t.text(f"{POSTS} * i")),
        )
    ):
        yield (
            "steps",
            {"id": f"{STEPS} * (i - 1) + {which + 1}", "kind": f"'{kind}'", "about": about}
            | {"lane": f"'conversation:' || {t.text('i')}", "state": "'done'", "tries": "1"}
            | {"because": "''", "made_at": t.at(50 * which), "settled_at": t.at(50 * which + 1)},
        )
    for which in range(INTENTS):
        yield from _intent(t, which)
    yield from _trail(t)
    yield from _changes(t)


def _delivery(t: Tongue, which: int, old: str) -> Row:
    """Three messages, then the helpdesk's ping."""
    is_ping = which == POSTS
    body = "{}" if is_ping else _told(which)
    at = t.at(61 if is_ping else 100 * which)
    return {
        "id": f"{DELIVERIES} * (i - 1) + {which + 1}",
        "source": f"'{DESK}'" if is_ping else f"'{SHOP}'",
        "key": f"'ping' || {t.hexed('i')}" if is_ping else f"'msg_' || {t.word(which)}",
        "via": "'webhook'",
        "about": t.ticket if is_ping else "''",
        "body": f"CASE WHEN {old} THEN {t.raw(chr(39) * 2)} ELSE {t.raw(t.spelt(body))} END",
        "received_at": at,
        "state": "'done'",
        "because": "''" if is_ping else "'routed: the rule takes every post'",
        "settled_at": at,
        "emptied_at": f"CASE WHEN {old} THEN {t.at(KEPT)} END",
    }


def _told(which: int) -> str:
    return (
        f'{{"type": "message.created", "timestamp": "@at{which}@", "data": {{"id": "@word{which}@"'
        f', "thread_id": "@word0@", "visibility": "public", "author": {{"id": "@person@", "name": '
        f'"Customer @person@"}}, "text": "My parcel is late. @word{which}@", "created_at": '
        f'"@at{which}@"}}}}'
    )


def _post(t: Tongue, which: int) -> Iterator[tuple[str, Row]]:
    number = f"{POSTS} * i - {POSTS - 1 - which}"
    route = route_to_json(Route("everything else", "the rule takes every post", "Social"))
    yield (
        "posts",
        {"id": number, "account": f"'{SHOP}'", "network_id": t.word(which)}
        | {"conversation_id": "i", "person_id": t.person, "kind": "'mention'"}
        | {"visibility": "'public'", "thread_id": t.word(0), "by_us": t.yes(False)}
        | {"created_at": t.at(100 * which), "state": "'live'", "rule": "'everything else'"}
        | {"because": "'the rule takes every post'", "route": t.spelt(route)}
        | {"mapping_revision": "1", "comment_id": t.comment(which)},
    )
    yield (
        "revisions",
        {"id": number, "post_id": number, "revision": "''"}
        | {"body": t.spelt(post_to_json(_said(which)).replace(_SOME_TIME, f"@at{which}@"))}
        | {"delivery_id": f"{DELIVERIES} * (i - 1) + {which + 1}"}
        | {"received_at": t.at(100 * which)},
    )


_SOMEBODY = Person("site", "@person@", "", "Customer @person@")
_SOME_TIME = "2026-01-01T00:00:00+00:00"


def _said(which: int) -> Post:
    post = Post(
        account=SHOP,
        network="site",
        id="@word0@",
        kind=Kind.MENTION,
        visibility=Visibility.PUBLIC,
        author=_SOMEBODY,
        text=f"My parcel is late. @word{which}@",
        created_at=datetime.fromisoformat(_SOME_TIME),
        thread_id="@word0@",
    )
    return post if not which else replace(post, id=f"@word{which}@", parent_id="@word0@")


def _draft() -> Draft:
    return Draft(
        account=SHOP,
        visibility=Visibility.PUBLIC,
        text="It comes tomorrow.",
        to=_SOMEBODY,
        in_reply_to="@word0@",
        thread_id="@word0@",
        language="",
        attachments=(),
        answers=Kind.MENTION,
    )


def _intent(t: Tongue, which: int) -> Iterator[tuple[str, Row]]:
    """The ticket is opened, the answer sent, two messages are added."""
    kind = ("open", "send", "append", "append")[which]
    post = (0, 0, 1, 2)[which]
    number = f"{INTENTS} * (i - 1) + {which + 1}"
    is_send = kind == "send"
    about = t.text(f"{POSTS} * i - {POSTS - 1 - post}")
    key = {
        "open": f"{t.external} || ':post:' || {about} || '@after-none'",
        "send": f"{t.external} || ':reply:' || {t.text('i')} || ':1:1'",
        "append": f"{t.external} || ':post:' || {about} || '@' || {t.ticket}",
    }[kind]
    body = (
        '{"ticket":{"comment":{"author_id":14500000000017,"html_body":"<p>My parcel is late. '
        f'@word{post}@<br><br>\\u2014 Site mention, public</p>","public":true}},"metadata":'
        '{"bridge":{"mark":"@external@"}},"status":"open"}}'
    )
    yield (
        "intents",
        {"id": number, "key": key, "kind": f"'{kind}'", "conversation_id": "i"}
        | {"far_side": f"'{SHOP}'" if is_send else f"'{DESK}'"}
        | {"reply_id": "i" if is_send else "NULL", "ticket_id": "''" if is_send else t.ticket}
        | {"body": t.spelt(draft_to_json(_draft()) if is_send else body)}
        | {"covers": "''", "state": "'settled'", "made_at": t.at(50 * which)}
        | {"tried_at": t.at(50 * which), "tries": "1"},
    )
    yield (
        "receipts",
        {"intent_id": number, "far_side": f"'{SHOP}'" if is_send else f"'{DESK}'"}
        | {"remote_id": f"'r' || {t.hexed('i')}" if is_send else t.comment(post)}
        | {"permalink": "''", "at": t.at(50 * which)},
    )
    yield (
        "outcomes",
        {"id": number, "intent_id": number, "reply_id": "i" if is_send else "NULL"}
        | {"outcome": "'delivered'", "code": "''", "because": "''", "at": t.at(50 * which)},
    )


def _trail(t: Tongue) -> Iterator[tuple[str, Row]]:
    routed, why = "routed by everything else", "the rule takes every post (mapping revision 1)"
    answered = "it answers a public post"
    for which, (what, because, delivery) in enumerate(
        (
            (routed, why, 1),
            ("Ines answered, public", answered, 0),
            ("reply delivered", answered, 0),
            (routed, why, 2),
            (routed, why, 3),
        )
    ):
        brought = f"{DELIVERIES} * (i - 1) + {delivery}" if delivery else "NULL"
        yield (
            "audit",
            {"id": f"{TRAIL} * (i - 1) + {which + 1}", "at": t.at(50 * which)}
            | {"conversation_id": "i", "delivery_id": brought}
            | {"what": f"'{what}'", "because": f"'{because}'"},
        )


def _changes(t: Tongue) -> Iterator[tuple[str, Row]]:
    """A person's two records are told with the first of their conversations."""
    told = (
        ("customer", t.person, "i % 2 = 1"),
        ("identity", t.person, "i % 2 = 1"),
        ("post", f"{POSTS} * i - 2", ""),
        ("reply", "i", ""),
        ("post", f"{POSTS} * i - 1", ""),
        ("post", f"{POSTS} * i", ""),
        ("conversation", "i", ""),
    )
    for which, (kind, number, only) in enumerate(told):
        whose = {"kind": f"'{kind}'", "number": number, "person_id": t.person}
        place = f"{CHANGES} * (i - 1) + {which + 1}"
        yield (
            "changes",
            whose
            | {"seq": place, "at": t.at(which), "gone_at": "NULL", "gone_because": "''"}
            | {"conversation_id": "NULL" if only else "i", "": only},
        )

"""Storms: how many say the same, who was folded, and what went out to all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from bridge.flow import unfolding
from bridge.ledger import (
    Tx,
    broadcast_browsing,
    broadcasts,
    conversations,
    posts,
    storm_browsing,
    storm_counts,
    storms,
)
from bridge.ledger.broadcasts import Broadcast
from bridge.ledger.storm_counts import Tally
from bridge.ledger.storms import Storm
from bridge.model import MINUTE, Post
from bridge.web.console import numbers_in, plots
from bridge.web.console.frame import Frame
from bridge.web.console.record import csv_line

A_PAGE = 50
A_PIECE = 500
MOST = 200
MOST_BARS = 240
TONES = {
    broadcasts.NEW: "plain",
    broadcasts.OPEN: "warn",
    broadcasts.SENDING: "warn",
    broadcasts.DONE: "good",
    broadcasts.STOPPED: "bad",
    broadcasts.WITHDRAWN: "plain",
}
SAYS = {
    broadcasts.NEW: "being looked at",
    broadcasts.OPEN: "waits for a confirmation",
    broadcasts.SENDING: "is going out",
    broadcasts.DONE: "has gone out",
    broadcasts.STOPPED: "stopped",
    broadcasts.WITHDRAWN: "withdrawn",
}
CAME = {
    broadcasts.WAITING: "waiting",
    broadcasts.DELIVERED: "delivered",
    broadcasts.REFUSED: "not sent",
    broadcasts.UNKNOWN: "perhaps sent, nobody knows",
    broadcasts.SKIPPED: "left out",
    broadcasts.LEFT_OUT: "stopped",
}
TAKEN_OUT = {
    "": "p{post} has a ticket of its own from now on.",
    unfolding.NONE: "p{post} is not folded any more: it has a ticket of its own.",
    unfolding.IS_GONE: "p{post} is gone from its network, so there is nothing left to answer.",
    unfolding.NOT_NOW: "Somebody who wrote about this is being erased at this moment, so p{post} "
    "was not taken out. Try again in a few minutes.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A storm with its counts and its ticket, "" while it has none."""

    storm: Storm
    tally: Tally
    ticket_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to many, and (what, why, how many) of what became of it."""

    broadcast: Broadcast
    came: tuple[tuple[str, str, int], ...]


def pages(frame: Frame) -> None:
    ledger = frame.bridge.ledger

    @frame.get("/storms")
    def storms_list() -> Response:
        with ledger.reading() as tx:
            shown = [_shown(tx, each) for each in storm_browsing.every(tx, MOST)]
        on = frame.bridge.mapping.storm
        return frame.page("storms.html", title="Storms", shown=shown, policy=on)

    @frame.get("/storms/<int:number>")
    def storm(number: int) -> Response:
        after = request.args.get("after", type=int) or 0
        with ledger.reading() as tx:
            shown = _shown(tx, _known(tx, number))
            rows = storm_browsing.folded(tx, number, after, A_PAGE + 1)
            answers = [_answer(tx, each) for each in broadcasts.of_storm(tx, number)]
            policy = frame.bridge.mapping.storm
            samples = _samples(tx, number, policy.samples if policy else A_PAGE // 10)
        further = None
        if len(rows) > A_PAGE:
            last = rows[A_PAGE - 1].post_id
            further = url_for("console.storm", number=number, after=last)
        return frame.page(
            "storm.html",
            title=f"Storm {shown.storm.name}",
            shown=shown,
            rows=rows[:A_PAGE],
            answers=answers,
            samples=samples,
            tones=TONES,
            says=SAYS,
            further=further,
            after=after or None,
        )

    @frame.post("/storms/<int:number>/posts/<int:post>/take-out")
    def storm_take_out(number: int, post: int) -> Response:
        with ledger.writing() as tx:
            known = _known(tx, numbers_in.row(number))
            here = storms.member(tx, numbers_in.row(post))
            if here is None or here.storm_id != known.id:
                raise NotFound("This post was not folded into this storm.")
            who = f"{frame.admin.name} took it out in the console"
            why_not = unfolding.take_out(frame.bridge, tx, post, who)
            if not why_not:
                frame.deed(tx, "took a post out of a storm", f"p{post}", known.name)
        frame.say(TAKEN_OUT[why_not].format(post=post), "note" if why_not else "good")
        return frame.to("storm", number=number, after=numbers_in.optional_row("after"))

    @frame.get("/storms/<int:number>/by-minute.svg")
    def storm_plot(number: int) -> Response:
        with ledger.reading() as tx:
            _known(tx, number)
            counts = storm_browsing.by_minute(tx, number)
        return plots.answer(plots.storm(_gapless(dict(counts))))

    @frame.get("/storms/<int:number>/folded.csv")
    def storm_file(number: int) -> Response:
        with ledger.writing() as tx:
            known = _known(tx, number)
            frame.deed(tx, "took the list of a storm as a file", known.name)
        return _file(_folded(frame, number), f"storm-{number}.csv")

    @frame.get("/storms/<int:number>/answers/<int:answer>.csv")
    def storm_answers_file(number: int, answer: int) -> Response:
        with ledger.writing() as tx:
            known = _known(tx, number)
            if answer not in {each.id for each in broadcasts.of_storm(tx, number)}:
                raise NotFound
            frame.deed(tx, "took the list of an answer to many as a file", known.name)
        return _file(_addressed(frame, answer), f"storm-{number}-answer-{answer}.csv")


def _known(tx: Tx, number: int) -> Storm:
    found = storm_browsing.if_there(tx, number)
    if found is None:
        raise NotFound
    return found


def _shown(tx: Tx, storm: Storm) -> Shown:
    ticket = conversations.one(tx, storm.conversation_id).ticket_id
    return Shown(storm, storm_counts.tally(tx, storm.id), ticket)


def _samples(tx: Tx, storm_id: int, most: int) -> list[Post]:
    return [posts.newest_revision(tx, each) for each in storm_counts.samples(tx, storm_id, most)]


def _answer(tx: Tx, broadcast: Broadcast) -> Answer:
    sums: dict[tuple[str, str], int] = {}
    for each in broadcast_browsing.came_to(tx, broadcast.id):
        what = CAME[each.state], each.code.replace("_", " ")
        sums[what] = sums.get(what, 0) + each.count
    return Answer(broadcast, tuple((what, why, count) for (what, why), count in sums.items()))


def _gapless(counts: dict[datetime, int]) -> list[tuple[str, int]]:
    """Each minute from the first to the last, or each span of several where they are many."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    minutes = (last - first) // MINUTE + 1
    span = max(1, -(-minutes // MOST_BARS))
    found = []
    for start in range(0, minutes, span):
        at = first + start * MINUTE
        inside = (counts.get(at + timedelta(minutes=each), 0) for each in range(span))
        found.append((f"{at:%H:%M}", sum(inside)))
    return found


def _folded(frame: Frame, number: int) -> Iterator[str]:
    """No words: the link leads to them while they stand."""
    yield csv_line(
        (
            "said_at",
            "account",
            "network",
            "handle",
            "name",
            "followers",
            "likeness",
            "link",
            "stands",
        )
    )
    after = 0
    while True:
        with frame.bridge.ledger.reading() as tx:
            rows = storm_browsing.folded(tx, number, after, A_PIECE)
        for row in rows:
            who = row.author
            followers = "" if who.followers is None else str(who.followers)
            yield csv_line(
                (
                    row.said_at.isoformat(), row.account, who.network, who.handle, who.name,
                    followers, f"{row.likeness:.2f}", row.permalink, _stands(row),
                )
            )  # fmt: skip
        if len(rows) < A_PIECE:
            return
        after = rows[-1].post_id


def _stands(row: storm_browsing.Folded) -> str:
    if row.is_gone:
        return "gone"
    return "" if row.conversation_id is None else "own ticket"


def _addressed(frame: Frame, answer: int) -> Iterator[str]:
    yield csv_line(("account", "network", "handle", "name", "what", "why", "at", "link"))
    after = 0
    while True:
        with frame.bridge.ledger.reading() as tx:
            rows = broadcast_browsing.addressed(tx, answer, after, A_PIECE)
        for row in rows:
            who = row.author
            yield csv_line(
                (
                    row.account, who.network, who.handle, who.name, CAME[row.state],
                    row.because or row.code, row.settled_at.isoformat() if row.settled_at else "",
                    row.link,
                )
            )  # fmt: skip
        if len(rows) < A_PIECE:
            return
        after = rows[-1].post_id


def _file(lines: Iterator[str], name: str) -> Response:
    return Response(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

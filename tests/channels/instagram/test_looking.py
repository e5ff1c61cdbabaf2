"""What Instagram may answer and the stand-in never does: long lists, odd rows, half an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.channels.contract import Surroundings
from bridge.channels.instagram import comments, mentions, reading
from bridge.channels.instagram.mentions import Mention
from bridge.channels.meta.calls import Answer
from bridge.errors import NobodyKnows, RateLimited, Refused
from bridge.model import Kind, Person, Reply, Visibility

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Says:
    """Answers one after the other, and knows what it was asked. An error is raised."""

    surroundings = Surroundings(clock=lambda: NOW)

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    def get(self, path: str, params: Any = ()) -> Answer:
        return self._next(path, dict(params))

    def read(self, path: str, *fields: str) -> Answer:
        return self._next(path, {"fields": fields[0]})

    def write(self, path: str, body: Any) -> Answer:
        return self._next(path, body)

    def _next(self, path: str, asked: Any) -> Answer:
        self.asked.append((path, asked))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer)


def row(comment_id: str, text: str = "We are sorry", **more: Any) -> dict[str, Any]:
    told = {"id": comment_id, "text": text, "username": "acme", "timestamp": NOW.isoformat()}
    return {**told, **more}


def page(*rows: Any, after: str = "") -> dict[str, Any]:
    more = {"paging": {"next": "https://…", "cursors": {"after": after}}} if after else {}
    return {"data": list(rows), **more}


def reply(**changes: Any) -> Reply:
    given: dict[str, Any] = {
        "key": "intent-1",
        "account": "acme",
        "visibility": Visibility.PUBLIC,
        "text": "We are sorry",
        "to": Person("instagram", "1", "jane", ""),
        "in_reply_to": "7",
        "thread_id": "7",
        "intended_at": NOW,
        "answers": Kind.COMMENT,
        **changes,
    }
    return Reply(**given)


def find(says: Says, **changes: Any) -> Any:
    calls: Any = says
    return comments.find(calls, lambda: "acme", reply(**changes), "We are sorry", frozenset())


def test_a_long_list_is_looked_through_page_by_page() -> None:
    says = Says(page(row("8", "no"), after="A"), page(row("9"), row("10")))
    assert find(says).id == "10"  # of the same instant: one of them, and always the same
    assert [asked.get("after") for _, asked in says.asked] == [None, "A"]
    assert {path for path, _ in says.asked} == {"/7/replies"}


def test_among_too_many_it_cannot_be_told() -> None:
    """None would mean that it is certainly not there."""
    endless = [page(row(str(number), "no"), after="A") for number in range(50)]
    with pytest.raises(NobodyKnows):
        find(Says(*endless))


def test_odd_rows_hide_no_others() -> None:
    odd = (7, {}, {"id": "8"}, row("9", timestamp="soon"), row("10", text=7))
    assert find(Says(page(*odd, row("11")))).id == "11"


@pytest.mark.parametrize(
    ("found", "is_it"),
    [
        ({}, True),
        ({"text": " We  are\nsorry "}, True),
        ({"text": None}, False),
        ({"username": "kim"}, False),
        ({"username": None}, True),
        ({"timestamp": (NOW - timedelta(minutes=1)).isoformat()}, True),
        ({"timestamp": (NOW - timedelta(minutes=3)).isoformat()}, False),
    ],
)
def test_which_comment_is_taken_for_ours(found: dict[str, Any], is_it: bool) -> None:
    assert (find(Says(page(row("9", **found)))) is not None) == is_it


@pytest.mark.parametrize("answer", [{}, {"id": None}, [], {"id": True}])
@pytest.mark.parametrize("thread_id", ["7", "mention:1:2"])
def test_a_comment_without_an_id_may_stand_there(answer: Any, thread_id: str) -> None:
    says: Any = Says(answer)
    with pytest.raises(NobodyKnows):
        comments.send(says, "1784", reply(thread_id=thread_id), "We are sorry")
    assert len(says.asked) == 1


@pytest.mark.parametrize("answer", [{}, [], {"mentioned_comment": None}])
def test_a_mention_that_is_not_shown_is_refused(answer: Any) -> None:
    says: Any = Says(answer)
    with pytest.raises(Refused):
        mentions.look(says, "1784", Mention("1", "2"))


def reread(*answers: Any) -> tuple[str, ...]:
    """The fields of what came back."""
    says: Any = Says(*answers)
    raws = reading.reread(says, "1784", tuple("789"[: len(answers)]), lambda: None)
    return tuple(raw.body.decode() for raw in raws)


def test_what_is_not_shown_to_us_is_not_gone() -> None:
    first, last = reread(row("7"), Refused("not for you"), row("9"))
    assert '"7"' in first
    assert '"9"' in last


def test_a_wait_that_is_asked_for_is_passed_on() -> None:
    with pytest.raises(RateLimited):
        reread(row("7"), RateLimited("later", 60.0))

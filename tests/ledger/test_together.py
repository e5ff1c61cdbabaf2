"""Who comes while another writes is written with all who came since; each gets its own answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from bridge.ledger.together import MOST_TOGETHER, Take, Together


class Writer:
    """Writes down each batch; the first one waits until it is let go. `refuses` says which parts
    it cannot write."""

    def __init__(self, refuses: Callable[[Sequence[int]], bool] = lambda parts: False) -> None:
        self.refuses = refuses
        self.batches: list[list[int]] = []
        self.began, self.may_go_on = threading.Event(), threading.Event()
        self.together = Together(self.commit)

    def commit(self, take: Take[int]) -> list[str]:
        parts = list(take())
        if not self.batches:
            self.batches.append(parts)
            self.began.set()
            assert self.may_go_on.wait(60)
        else:
            self.batches.append(parts)
        if self.refuses(parts):
            raise ValueError(f"not {parts}")
        return [f"kept {part}" for part in parts]


def crowd(writer: Writer, many: int) -> list[Future[str]]:
    """Part 0 is being written when 1 to `many` come, all of whom wait before it goes on."""
    pool = ThreadPoolExecutor(many + 1)
    first = pool.submit(writer.together.join, 0)
    assert writer.began.wait(60)
    rest = [pool.submit(writer.together.join, number) for number in range(1, many + 1)]
    while len(writer.together._waiting) < many:
        threading.Event().wait(0.001)
    writer.may_go_on.set()
    pool.shutdown(wait=True)
    return [first, *rest]


def test_who_comes_alone_is_written_alone_and_at_once() -> None:
    """Nobody waits for company."""
    writer = Writer()
    writer.may_go_on.set()
    assert ["kept 1", "kept 2"] == [writer.together.join(1), writer.together.join(2)]
    assert [[1], [2]] == writer.batches


def test_those_who_come_meanwhile_are_written_together() -> None:
    """In two transactions, not in eight; and each is told its own result."""
    writer = Writer()
    answers = crowd(writer, 7)
    assert [f"kept {number}" for number in range(8)] == [each.result() for each in answers]
    assert [[0], [1, 2, 3, 4, 5, 6, 7]] == [sorted(batch) for batch in writer.batches]


def test_no_transaction_grows_without_end() -> None:
    """The rest is led by the first of them."""
    writer = Writer()
    answers = crowd(writer, MOST_TOGETHER + 5)
    assert [1, MOST_TOGETHER, 5] == [len(batch) for batch in writer.batches]
    assert [f"kept {n}" for n in range(MOST_TOGETHER + 6)] == [each.result() for each in answers]


def test_one_that_cannot_be_written_fails_alone() -> None:
    """The others of its batch are written, each in a transaction of its own."""
    writer = Writer(lambda parts: 3 in parts)
    answers = crowd(writer, 5)
    failed = [number for number, each in enumerate(answers) if each.exception()]
    assert [3] == failed
    assert {"kept 0", "kept 1", "kept 2", "kept 4", "kept 5"} == {
        each.result() for each in answers if not each.exception()
    }
    assert [[1], [2], [3], [4], [5]] == sorted(writer.batches[2:])


def test_after_a_failure_the_next_one_is_written() -> None:
    """Nobody is left to wait for a leader that is gone."""
    writer = Writer(lambda parts: parts == [1])
    writer.may_go_on.set()
    with pytest.raises(ValueError, match="not"):
        writer.together.join(1)
    assert "kept 2" == writer.together.join(2)


def test_a_writer_that_fails_before_it_knows_for_whom() -> None:
    """The database is away: each of them hears it, and none waits for ever."""

    def away(_take: Take[int]) -> list[str]:
        raise OSError("away")

    together = Together(away)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(together.join, number) for number in range(8)]
    assert ["away"] * 8 == [str(each.exception()) for each in answers]


def test_many_threads_for_a_while() -> None:
    """Whatever the order of events, each part is written once and each thread has its own."""
    written: list[int] = []

    def commit(take: Take[int]) -> list[int]:
        parts = list(take())
        written.extend(parts)
        return [-part for part in parts]

    together = Together(commit)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(together.join, range(1, 2001)))
    assert [-number for number in range(1, 2001)] == answers
    assert list(range(1, 2001)) == sorted(written)

"""Conversations that go on while hosts are killed and cut off, and the count in the end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from bench.service import Message
from bench.spread import Spread, Wrong, wrong_at_website, wrong_on_tickets


class Play:
    """Customers who go on talking in their conversations, and agents who answer meanwhile.
    `patience`: seconds for anything that is waited for. `halts`: everybody has said no more than
    half until `misses_a_host`."""

    def __init__(
        self, fleet: Spread, conversations: int, each: int, patience: float, *, halts: bool = False
    ) -> None:
        self.fleet = fleet
        self.said = {c: [f"M{c}{n:03}" for n in range(each)] for c in range(1, conversations + 1)}
        self.written: dict[int, list[str]] = {c: [] for c in self.said}
        self.tries = 0
        self._patience = patience
        self._hurry = threading.Event()
        self._goes_on, self._came_back = threading.Event(), threading.Event()
        if not halts:
            self._goes_on.set()
        self._talking = ThreadPoolExecutor(conversations)
        self._all = [self._talking.submit(self._talk, one) for one in self.said]

    @property
    def many(self) -> int:
        return sum(map(len, self.said.values()))

    def reached(self, part: float) -> None:
        """Until so much of it stands on tickets. Raises `DidNotStart`."""
        wanted = part * self.many
        self.fleet.until(lambda: self._stand() >= wanted, self._patience)

    def is_at_work(self, worker: str) -> None:
        """Until a worker host has a conversation in hand; none has when all is said already."""
        self.fleet.until(
            lambda: self.fleet.holds_lanes(worker) or self._all_stands(), self._patience
        )

    def _all_stands(self) -> bool:
        """Whether no more comes until somebody goes on."""
        half = sum(len(words) // 2 for words in self.said.values())
        return self._stand() >= (self.many if self._goes_on.is_set() else half)

    def _stand(self) -> int:
        words = {word for words in self.said.values() for word in words}
        return len(words & set(self.fleet.desk.stood()))

    def answer(self) -> None:
        """An agent answers in each conversation that has a ticket by now."""
        stood = self.fleet.desk.stood()
        for conversation, words in self.said.items():
            if words[0] in stood:
                word = f"M9{conversation}{len(self.written[conversation]):03}"
                self.written[conversation].append(word)
                self.fleet.desk.answer(stood[words[0]][0].ticket, f"We look into it. {word}")

    def misses_a_host(self) -> None:
        """The second half begins, and somebody got no 200 at first. Raises `DidNotStart`."""
        self._came_back.clear()
        self._goes_on.set()
        self.fleet.until(self._came_back.is_set, self._patience)

    def ends(self) -> None:
        """Nobody pauses any more; everything is said, and nothing is left to do."""
        self._hurry.set()
        self.tries = sum(one.result(self._patience) for one in self._all)
        self._talking.shutdown()
        answers = sum(map(len, self.written.values()))
        self.fleet.until(lambda: len(self.fleet.mailbox.texts()) >= answers, self._patience)
        self.reached(1.0)
        self.fleet.until(self.fleet.is_at_rest, self._patience)

    def wrong(self) -> tuple[Wrong, Wrong]:
        """On the tickets, and at the website."""
        return wrong_on_tickets(self.fleet, self.said), wrong_at_website(self.fleet, self.written)

    def _talk(self, conversation: int) -> int:
        words, tries = self.said[conversation], 0
        for number, word in enumerate(words):
            if number == len(words) // 2:
                self._goes_on.wait(self._patience)
            above = words[0] if number else ""
            took = self.fleet.send(Message(word, conversation, above=above), self._patience)
            if took > 1:
                self._came_back.set()
            tries += took
            self._hurry.wait(0.5)
        return tries


def trouble(play: Play, lease: float) -> None:
    """One host after the other, each while it is at it: `worker1` is killed, `worker2` and `web1`
    are cut off for longer than a lease and healed, the database is started anew. The play halts."""
    fleet, hosts = play.fleet, play.fleet.network.hosts
    play.reached(0.15)
    play.answer()
    play.is_at_work("worker1")
    hosts["worker1"].kill()
    play.reached(0.3)
    play.is_at_work("worker2")
    hosts["worker2"].cut()
    _past(2 * lease)
    hosts["worker2"].heal()
    hosts["web1"].cut()
    play.misses_a_host()
    play.answer()
    _past(lease)
    hosts["web1"].heal()
    play.reached(0.5)
    fleet.server.stop()
    fleet.server.start()
    fleet.start_workers("worker1")
    play.answer()


def _past(seconds: float) -> None:
    """A time that is the point of it: longer than a lease."""
    threading.Event().wait(seconds)

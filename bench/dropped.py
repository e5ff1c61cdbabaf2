"""What is lost and what is doubled when things go wrong, by the bridge and by what is usually
written instead: the same messages, the same sender, the same faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from bench.chapter import Table
from bench.ground import Ground
from bench.rivals import Rival
from bench.service import Message, body_of
from bridge.model import utcnow
from bridge.sandbox.household import DidNotStart

TRIES = 30
COMES_BACK = 1.0
"""Seconds after which the sender comes back to who did not say 200; so often at most."""
AT_ONCE = 6
SETTLED_WITHIN = 60.0
QUIET_FOR = 1.0
"""Seconds, once all of it stands."""
FIRST = 500_000
"""The numbers of these messages: no other has them."""

Told = set[str]
"""The words of the messages to which somebody said 200."""


@dataclass(frozen=True, slots=True)
class Came:
    """Of how many messages how many stand on no ticket, and how many more than once. `refused`
    stand on none either, but nobody had said 200: the sender knows."""

    sent: int
    lost: int
    doubled: int
    refused: int = 0

    def says(self) -> str:
        if not self.lost and not self.doubled and not self.refused:
            return f"all {self.sent} once"
        never = f", {self.refused} never taken" if self.refused else ""
        return f"{self.lost} lost, {self.doubled} doubled{never} of {self.sent}"


def measure(ground: Ground, there: Sequence[Rival]) -> Table:
    """All of them at the same time: nothing is timed here."""
    count = 4 if ground.quick else 24
    with ThreadPoolExecutor(len(there)) as side_by_side:
        found = list(side_by_side.map(lambda rival: _row(ground, rival, count), there))
    return Table(
        f"What became of messages when things went wrong (the sender comes back {TRIES - 1} times)",
        ("", "delivered twice", "kill -9", "helpdesk: 429 and 500", "helpdesk: written, then 504"),
        tuple(found),
    )


def _row(ground: Ground, rival: Rival, count: int) -> tuple[str, ...]:
    trials: tuple[Callable[[Rival, Sequence[Message]], Told], ...] = (
        _twice,
        _killed,
        _refused,
        _cut_off,
    )
    cells = [rival.name]
    for number, trial in enumerate(trials):
        first = FIRST + number * 1000
        messages = tuple(Message(f"M{first + one}", first + one) for one in range(count))
        try:
            told = trial(rival, messages)
        except DidNotStart:
            cells.append("did not come back")
            continue
        requests.delete(f"{rival.desk.url}/sandbox/faults", timeout=20)
        cells.append(_came(rival, messages, told).says())
        ground.say(f"  {rival.name},{trial.__name__.replace('_', ' ')}: {cells[-1]}")
    return tuple(cells)


def _twice(rival: Rival, messages: Sequence[Message]) -> Told:
    """Networks deliver again what they think was lost."""
    return _send(rival, messages) | _send(rival, messages)


def _killed(rival: Rival, messages: Sequence[Message]) -> Told:
    """Twice in the middle; back after a second."""
    rival.desk.take(0.05)
    with ThreadPoolExecutor(1) as sender:
        sent = sender.submit(_send, rival, messages)
        for _ in range(2):
            time.sleep(0.25)
            rival.kill()
            time.sleep(0.5)
            rival.start()
        told = sent.result()
    rival.desk.take(0.0)
    return told


def _refused(rival: Rival, messages: Sequence[Message]) -> Told:
    """A while of 429 with a time to come back, a while of 500 with nothing done."""
    for fault in ("429", "500"):
        _fault(rival, fault, len(messages) // 2)
    return _send(rival, messages)


def _cut_off(rival: Rival, messages: Sequence[Message]) -> Told:
    """The ticket is opened and the answer is a gateway's 504."""
    _fault(rival, "504_after_write", len(messages) // 4)
    return _send(rival, messages)


def _fault(rival: Rival, fault: str, times: int) -> None:
    wanted = {"fault": fault, "method": "POST", "path": "/api/v2/tickets*", "times": max(1, times)}
    answer = requests.post(f"{rival.desk.url}/sandbox/faults", json=wanted, timeout=20)
    answer.raise_for_status()


def _send(rival: Rival, messages: Sequence[Message]) -> Told:
    with ThreadPoolExecutor(AT_ONCE) as senders:
        told = senders.map(lambda message: _deliver(rival, message), messages)
        return {one.word for one, taken in zip(messages, told, strict=True) if taken}


def _deliver(rival: Rival, message: Message) -> bool:
    """As a network does: until it is told 200, and not for ever. Whether it was."""
    body = body_of(message, utcnow())
    for _ in range(TRIES):
        try:
            headers = rival.headers(message, utcnow(), body)
            answer = requests.post(rival.hook, data=body, headers=headers, timeout=20)
            if answer.status_code == requests.codes.ok:
                return True
        except requests.RequestException:
            pass  # nobody there: it comes back
        time.sleep(COMES_BACK)
    return False


def _came(rival: Rival, messages: Sequence[Message], told: Told) -> Came:
    """Once nothing has changed for a while, or it has been long enough."""
    until = time.monotonic() + SETTLED_WITHIN
    before, since = -1, time.monotonic()
    while time.monotonic() < until:
        stood = rival.desk.stood()
        now_is = sum(len(stood.get(one.word, ())) for one in messages)
        if now_is != before:
            before, since = now_is, time.monotonic()
        all_there = all(one.word in stood for one in messages)
        if time.monotonic() - since > (QUIET_FOR if all_there else rival.goes_on):
            break
        time.sleep(0.25)
    stood = rival.desk.stood()
    nowhere = {one.word for one in messages} - stood.keys()
    doubled = sum(len(stood.get(one.word, ())) > 1 for one in messages)
    return Came(len(messages), len(nowhere & told), doubled, len(nowhere - told))

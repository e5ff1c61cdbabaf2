"""A storm through the real web process and workers, and an ordinary account beside it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from bench.chapter import Chapter
from bench.far_side import FarSide, Stood, far_side
from bench.ground import Ground
from bench.load import load, request_bytes
from bench.service import SHOP, Message, Service, body_of, service
from bench.storm_words import HOW, Said, storm
from bench.storms_told import DELAY, RATE, Folded, Heard, told
from bridge.ledger import Ledger, deliveries, posts, steps, storm_browsing, storm_counts
from bridge.model import utcnow
from bridge.settings import Secret
from bridge.signing import sign
from soak import furnishing

POSTS = 1_500
"""As many as there is time for; all ten thousand take some minutes:
`BENCH_POSTS=10000 python -m bench --only storms --into docs`."""
CALM = 10.0
"""Seconds of an ordinary account alone, to compare with."""
EVERY = 0.5
"""Seconds from one ordinary post to the next."""
PATIENCE = 60.0
PORTION, LOOK_EVERY = 5_000, 0.5
ORDINARY = "ordinary"

MAPPING = furnishing.mapping(
    furnishing.site(SHOP),
    furnishing.site(ORDINARY),
    rules="""\
storm: {group: Social}
rules:
  - name: everything
    route: {group: Social}
""",
)


def measure(ground: Ground) -> Chapter:
    """An ordinary account alone, then with a storm beside it, then what became of everything."""
    count, calm_for = (400, 2.0) if ground.quick else (ground.posts or POSTS, CALM)
    said = storm(count, seed=11)
    with (
        ground.folder() as folder,
        ground.database("postgresql", folder) as url,
        far_side(DELAY) as desk,
        service(desk, url, folder, mapping=MAPPING, pushed=(SHOP, ORDINARY)) as running,
    ):
        # The first of all that is heard also opens connections and reads what is new.
        _post_ordinary(running, 900_000, Message("M900000", 900_000))
        time.sleep(2)
        with ordinary(running, first=100_000) as before:
            time.sleep(calm_for)
        _wait(url, 10)
        calm_calls = desk.calls()
        began = time.monotonic()
        with ordinary(running, first=200_000) as during:
            rate = _sent(running, said)
            ground.say(f"{count} posts taken at {rate:.0f} a second")
            settled = _wait(url, PATIENCE)
        took = time.monotonic() - began
        _wait(url, 5)
        stood = desk.stood()
        calls = desk.calls()
        calls.subtract(calm_calls)
        calm, beside = _heard(stood, before), _heard(stood, during)
        folded = _folded(url, said, desk)
    ground.say(f"settled after {took:.0f} s: {folded}")
    return told(said, rate, took, settled, calm, beside, folded, calls)


# ------------------------------------------------------------------ the storm


def _sent(running: Service, said: tuple[Said, ...]) -> float:
    """All of it, in portions: a signature holds for five minutes. How many a second were taken."""
    parts = [
        load(running.hook, _signed(running, said[at : at + PORTION], at), 8, RATE)
        for at in range(0, len(said), PORTION)
    ]
    return sum(one.rate * one.seconds for one in parts) / sum(one.seconds for one in parts)


def _signed(running: Service, said: tuple[Said, ...], first: int) -> list[bytes]:
    at = utcnow()
    secret = Secret(running.environ["SITE_SECRET"])
    found = []
    for number, each in enumerate(said, first):
        body = body_of(Message(f"storm-{number}", number, each.text), at)
        # Whoever tells posts apart by a number in them would fold none.
        body = body.replace(f' storm-{number}"'.encode(), b'"')
        headers = {"Content-Type": "application/json"}
        headers |= sign((secret,), f"msg_storm_{number}", at, body)
        found.append(request_bytes(running.hook, headers, body))
    return found


def _wait(url: str, patience: float) -> bool:
    """Until nothing waits any more, for as long as anything is done. Whether that was reached: not,
    if for so many seconds nothing was."""
    ledger = Ledger(url)
    before, since = -1, time.monotonic()
    try:
        while True:
            with ledger.reading() as tx:
                counts = Counter(deliveries.counts(tx)) + Counter(steps.counts(tx))
            waits = counts[deliveries.WAITING]
            if not waits:
                return True
            if (done := counts.total() - waits) != before:
                before, since = done, time.monotonic()
            elif time.monotonic() - since >= patience:
                return False
            time.sleep(LOOK_EVERY)
    finally:
        ledger.close()


def _folded(url: str, said: tuple[Said, ...], desk: FarSide) -> Folded:
    ledger = Ledger(url)
    inside: set[str] = set()
    among: set[str] = set()
    about = {f"storm-{number}" for number, each in enumerate(said) if each.subject}
    unknown = 0
    try:
        with ledger.reading() as tx:
            every = storm_browsing.every(tx, 1000)
            for each in every:
                after, members = 0, set[str]()
                while page := storm_counts.listed(tx, each.id, after, 1000):
                    members |= {one.network_id for one in page}
                    after = page[-1].post_id
                inside |= members
                among |= set() if members & about else members
            for number in range(len(said)):
                name = f"storm-{number}"
                if name not in inside and posts.find(tx, SHOP, name) is None:
                    unknown += 1
    finally:
        ledger.close()
    by: dict[str, tuple[int, int]] = {}
    for how in HOW:
        ours = [number for number, each in enumerate(said) if each.how == how]
        by[how] = (len(ours), sum(f"storm-{number}" in inside for number in ours))
    texts = desk.texts()
    marks = Counter(
        word for _, text in texts for word in text.split() if word[:1] == "(" and len(word) == 14
    )
    needs = [
        each.text.rsplit(" ", 1)[1]
        for number, each in enumerate(said)
        if not each.subject and f"storm-{number}" not in inside
    ]
    return Folded(
        by=by,
        storms=len(every),
        tickets=len({ticket for ticket, _ in texts}),
        lost=sum(marks[mark] == 0 for mark in needs),
        doubled=sum(marks[mark] > 1 for mark in needs),
        unknown=unknown,
        among=len(among),
    )


# ------------------------------------------------------------------ the ordinary account


@contextmanager
def ordinary(running: Service, first: int) -> Iterator[dict[str, float]]:
    """Posts on another account, one every `EVERY` seconds until left: their words → when each was
    due (seconds since 1970)."""
    sent: dict[str, float] = {}
    over = threading.Event()

    def speak() -> None:
        began = time.time()
        number = 0
        while not over.wait(max(0.0, began + number * EVERY - time.time())):
            word = f"M{first + number}"
            sent[word] = began + number * EVERY
            _post_ordinary(running, first + number, Message(word, first + number))
            number += 1

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


def _post_ordinary(running: Service, number: int, message: Message) -> None:
    at = utcnow()
    body = body_of(message, at)
    secret = Secret(running.environ["SITE_SECRET"])
    headers = {"Content-Type": "application/json"} | sign((secret,), f"msg_{number}", at, body)
    there = running.hook.replace(f"/{SHOP}", f"/{ORDINARY}")
    requests.post(there, data=body, headers=headers, timeout=60).raise_for_status()


def _heard(stood: dict[str, list[Stood]], sent: dict[str, float]) -> Heard:
    waits = tuple(stood[word][0].at - due for word, due in sent.items() if stood.get(word))
    return Heard(
        waits,
        lost=sum(not stood.get(word) for word in sent),
        doubled=sum(len(stood.get(word, ())) > 1 for word in sent),
    )

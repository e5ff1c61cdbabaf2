"""What will happen in a soak, decided before it begins: the same seed, the same plan."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

SHOP, TOWN, DESK = "shop", "town", "desk"
Way = Literal["", "dm", "public"]
"""The word an agent's answer begins with, without its #."""

SHARE = 0.4
"""Of the posts, how many get an answer of their own."""

MOST_PUBLIC, MOST_PRIVATE = 6, 8
"""Posts of one conversation. A ticket takes only 30 updates in ten minutes."""


@dataclass(frozen=True, slots=True)
class Post:
    """`at` is in seconds from the beginning, `account` where it is said, `person` the number of who
    says it, `above` the word of their own post that it answers. `twice` delivers it twice."""

    at: float
    word: str
    account: str
    person: int
    conversation: str
    private: bool
    above: str = ""
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An agent answers, as soon as the post `to` is on its ticket. With `unheard`, the helpdesk's
    ping about it is lost."""

    at: float
    word: str
    to: str
    way: Way
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Thanks:
    """The customer answers a private message of the brand, privately."""

    at: float
    word: str
    after: str


@dataclass(frozen=True, slots=True)
class Again:
    """A delivery that arrived long ago comes once more."""

    at: float
    word: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A far side misbehaves for the next `times` requests that fit."""

    at: float
    side: str
    fault: str
    method: str
    path: str
    times: int = 1
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL for the processes named, which are started again after `down` seconds."""

    at: float
    names: tuple[str, ...]
    down: float


Act = Post | Answer | Thanks | Again | Trouble


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for. `rate` is posts in a second; `kill_every` and `trouble_every` are
    seconds, 0 for never."""

    seconds: float = 60.0
    rate: float = 5.0
    workers: int = 2
    seed: int = 1
    kill_every: float = 15.0
    trouble_every: float = 6.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` is how many customers each network has."""

    acts: tuple[Act, ...]
    kills: tuple[Kill, ...]
    people: int

    def posts(self) -> tuple[Post, ...]:
        return tuple(act for act in self.acts if isinstance(act, Post))


MISDEEDS = (
    Trouble(0, DESK, "429", "PUT", "/api/v2/tickets/*", 3, 1),
    Trouble(0, TOWN, "drop_after_write", "POST", "/api/v1/statuses"),
    Trouble(0, DESK, "drop_after_write", "PUT", "/api/v2/tickets/*"),
    Trouble(0, SHOP, "429", "POST", "/replies", 2, 1),
    Trouble(0, DESK, "drop_after_write", "POST", "/api/v2/tickets"),
    Trouble(0, TOWN, "429", "GET", "/api/v1/notifications", 2, 1),
    Trouble(0, SHOP, "drop_after_write", "POST", "/replies"),
    Trouble(0, DESK, "503", "GET", "/api/v2/*", 2, 1),
    Trouble(0, DESK, "drop_before_write", "PUT", "/api/v2/tickets/*"),
    Trouble(0, TOWN, "429", "POST", "/api/v1/statuses", 2, 1),
    Trouble(0, DESK, "504_after_write", "POST", "/api/v2/tickets"),
)

MOST_LOST = 4
"""How many receipts of the website may get lost. It is sent the same reply again each time, and
after five a person is asked: what an unlucky reply ends in must not depend on luck."""


def draw(wanted: Wanted) -> Plan:
    """The whole plan, in order of time."""
    # No secret comes of it: it must be the same again with the same seed.
    dice = random.Random(wanted.seed)  # noqa: S311
    count = max(1, round(wanted.seconds * wanted.rate))
    crowd = _Crowd(dice, people=max(8, count // 10))
    acts: list[Act] = []
    for number in range(count):
        post = crowd.says(number / wanted.rate, f"post-{number}")
        acts.append(post)
        if post.account == SHOP and dice.random() < 0.05:
            acts.append(Again(post.at + dice.uniform(2, 10), post.word))
        if dice.random() < SHARE:
            acts += _answered(dice, post, number)
    acts += _troubles(wanted)
    return Plan(tuple(sorted(acts, key=lambda act: act.at)), _kills(wanted, dice), crowd.people)


@dataclass
class _Crowd:
    """Who says what next. People with even numbers write privately only, the others publicly: a
    person's private messages share a ticket, and which one must not depend on what comes first."""

    dice: random.Random
    people: int
    threads: list[Post] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)

    def says(self, at: float, word: str) -> Post:
        account = self.dice.choice((SHOP, TOWN))
        twice = account == SHOP and self.dice.random() < 0.1
        if self.dice.random() < 0.2:
            person = 2 * self.dice.randrange(self.people // 2)
            conversation = f"{account} person {person}"
            if self._room(conversation, MOST_PRIVATE):
                return Post(at, word, account, person, conversation, True, twice=twice)
        standing = [one for one in self.threads if one.account == account][-12:]
        if standing and self.dice.random() < 0.6:
            above = self.dice.choice(standing)
            if self._room(above.conversation, MOST_PUBLIC):
                return Post(
                    at, word, account, above.person, above.conversation, False, above.word, twice
                )
        person = 2 * self.dice.randrange(self.people // 2) + 1
        post = Post(at, word, account, person, f"{account} thread of {word}", False, twice=twice)
        self._room(post.conversation, MOST_PUBLIC)
        self.threads.append(post)
        return post

    def _room(self, conversation: str, most: int) -> bool:
        said = self.lengths.get(conversation, 0)
        if said >= most:
            return False
        self.lengths[conversation] = said + 1
        return True


def _answered(dice: random.Random, post: Post, number: int) -> list[Act]:
    ways: tuple[Way, ...] = ("", "", "", "dm") if post.private else ("", "", "dm", "dm", "public")
    way = dice.choice(ways)
    at = post.at + dice.uniform(1, 6)
    answer = Answer(at, f"answer-{number}", post.word, way, unheard=dice.random() < 0.15)
    if way == "dm" and dice.random() < 0.5:
        return [answer, Thanks(at + 3, f"post-thanks{number}", answer.word)]
    return [answer]


def _troubles(wanted: Wanted) -> list[Act]:
    found: list[Act] = []
    lost = 0
    for turn in range(_times(wanted.seconds, wanted.trouble_every)):
        deed = MISDEEDS[(turn + wanted.seed) % len(MISDEEDS)]
        if (deed.side, deed.fault) == (SHOP, "drop_after_write"):
            lost += 1
            if lost > MOST_LOST:
                continue
        at = (turn + 0.5) * wanted.trouble_every
        found.append(
            Trouble(at, deed.side, deed.fault, deed.method, deed.path, deed.times, deed.retry_after)
        )
    return found


def _kills(wanted: Wanted, dice: random.Random) -> tuple[Kill, ...]:
    """Web and workers one after the other, then all of them at once."""
    workers = [f"worker{'' if one == 1 else one}" for one in range(1, wanted.workers + 1)]
    turns = [("web",), *((worker,) for worker in workers), ("web", *workers)]
    return tuple(
        Kill((turn + 0.5) * wanted.kill_every, turns[turn % len(turns)], dice.uniform(0.2, 1.5))
        for turn in range(_times(wanted.seconds, wanted.kill_every))
    )


def _times(seconds: float, every: float) -> int:
    return int(seconds / every + 0.5) if every else 0

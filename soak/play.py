"""The plan put into practice, in real time: by schedule, not by how fast the bridge is."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from bridge.ledger import Ledger, accounts, written
from bridge.sandbox.household import DidNotStart, Household
from soak import memory
from soak.agreeing import is_at_rest
from soak.counting import Meant, Said, Written
from soak.plan import TOWN, Act, Again, Answer, Kill, Plan, Post, Thanks, Trouble, Wanted
from soak.seeing import POST, seen
from soak.world import World, name_of

LOOK_EVERY = 0.2
HELPDESK = "helpdesk:zendesk"


@dataclass
class Told:
    """What was done, for the report. `late` is the most seconds that anything scheduled began
    after its time; `left` are acts that never became possible."""

    kills: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    again: int = 0
    late: float = 0.0
    seconds: float = 0.0
    behind: int = 0
    drained: float | None = None
    left: list[str] = field(default_factory=list)
    memory: dict[str, memory.Span] = field(default_factory=dict)


@dataclass
class Play:
    """One soak. Raises `DidNotStart` when a process cannot be started again."""

    wanted: Wanted
    plan: Plan
    world: World
    household: Household
    ledger: Ledger
    told: Told = field(default_factory=Told)
    said: list[Said] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    _deferred: list[Answer | Thanks] = field(default_factory=list)
    _standing: dict[str, int] = field(default_factory=dict)
    _looked: dict[int, datetime] = field(default_factory=dict)
    _broken: list[DidNotStart] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _began: float = 0.0

    def __post_init__(self) -> None:
        acts = self.plan.acts
        self._posts = {post.word: post for post in self.plan.posts()}
        self._answers = {act.word: act for act in acts if isinstance(act, Answer)}

    def meant(self) -> Meant:
        return Meant(tuple(self.said), tuple(self.written))

    def perform(self) -> None:
        """Everything in its time; then an end to the faults."""
        self._weigh()
        self._began = time.monotonic()
        killer = threading.Thread(target=self._kill, name="kills")
        killer.start()
        try:
            for act in self.plan.acts:
                self._until(act.at)
                self.told.late = max(self.told.late, self._seconds() - act.at)
                self._do(act)
            self._until(self.wanted.seconds)
        except BaseException:
            self._stop.set()  # nobody is killed, and nobody started, once it is over
            raise
        finally:
            killer.join()
        if self._broken:
            raise self._broken[0]
        for side, left in self.world.behave().items():
            self.told.troubles[side] -= left

    def drain(self, patience: float) -> bool:
        """Wait until nothing is left to do, and then until helpdesk and networks have been read
        twice more, so that what comes late comes before the count. False if that takes longer."""
        began = time.monotonic()
        end = began + patience
        while not self._is_done():
            if self._nap(end):
                self.told.left = [act.word for act in self._deferred]
                return False
        self.told.drained = time.monotonic() - began
        for _ in range(2):
            now = self.ledger.clock()
            while not (self._was_read(now) and self._is_done()):
                if self._nap(end):
                    return False
        self._weigh()
        return True

    # ---------------------------------------------------------------- in time

    def _until(self, at: float) -> None:
        """Wait for the time of the next act; meanwhile, whoever waited for something goes on."""
        while not self._broken:
            self._go_on()
            wait = at - self._seconds()
            if wait <= 0:
                break
            self._stop.wait(min(wait, LOOK_EVERY))
        if self._broken:
            raise self._broken[0]

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _nap(self, end: float) -> bool:
        """True when there is no more time."""
        self._stop.wait(LOOK_EVERY)
        self._go_on()
        return time.monotonic() > end

    def _do(self, act: Act) -> None:
        if isinstance(act, Post):
            self._say(act)
            self.told.seconds = self._seconds()
            if act is self.plan.posts()[-1]:
                self._look()
                self.told.behind = sum(post.word not in self._standing for post in self.said)
        elif isinstance(act, Again):
            self.world.deliver_again(act.word)
            self.told.again += 1
        elif isinstance(act, Trouble):
            self.world.misbehave(act)
            self.told.troubles[act.side] += act.times
        else:
            self._deferred.append(act)

    def _say(self, post: Post) -> None:
        self.world.say(post)
        self._note(post)

    def _note(self, post: Post) -> None:
        network_id = self.world.uttered[post.word].id
        author = name_of(post.account, post.person)
        self.said.append(
            Said(post.word, post.conversation, post.account, network_id, author, post.private)
        )

    # ---------------------------------------------------------------- when it is possible

    def _go_on(self) -> None:
        self._look()
        self._deferred = [act for act in self._deferred if not self._tried(act)]

    def _tried(self, act: Answer | Thanks) -> bool:
        if isinstance(act, Answer):
            ticket_id = self._standing.get(act.to)
            if ticket_id is None:
                return False
            command = f"#{act.way} " if act.way else ""
            text = f"{command}We are looking into it, {act.word} is our number."
            self.written.append(Written(act.word, act.way))
            self.world.answer(ticket_id, text, unheard=act.unheard)
            return True
        return self._thanked(act)

    def _thanked(self, act: Thanks) -> bool:
        answered = self._posts[self._answers[act.after].to]
        above = self.world.answer_of(answered.account, act.after)
        if not above or not self._has_receipt(answered.account, above):
            return False
        post = Post(
            act.at, act.word, answered.account, answered.person, answered.conversation, True
        )
        self.world.thank(post, above)
        self._note(post)
        return True

    def _has_receipt(self, account: str, message_id: str) -> bool:
        with self.ledger.reading() as tx:
            return written.is_known(tx, account, message_id)

    def _look(self) -> None:
        """Which posts are on which ticket by now; only what changed is looked at."""
        desk = self.world.desk
        for ticket in desk.all_tickets():
            if self._looked.get(ticket.id) != ticket.updated_at:
                self._looked[ticket.id] = ticket.updated_at
                for comment in desk.comments(ticket.id):
                    for word in POST.findall(comment.plain_body):
                        self._standing[word] = ticket.id

    # ---------------------------------------------------------------- kills

    def _kill(self) -> None:
        for kill in self.plan.kills:
            if self._stop.wait(max(0.0, kill.at - self._seconds())):
                return
            try:
                self._killed(kill)
            except DidNotStart as broken:
                self._broken.append(broken)
                self._stop.set()
                return

    def _killed(self, kill: Kill) -> None:
        self._weigh()
        self.household.kill(*kill.names)
        self.told.kills.update(kill.names)
        self._stop.wait(kill.down)
        self.household.start()

    def _weigh(self) -> None:
        for name, pid in self.household.pids().items():
            memory.weigh(self.told.memory, name, pid)

    # ---------------------------------------------------------------- the end

    def _is_done(self) -> bool:
        if self._deferred or any(post.word not in self._standing for post in self.said):
            return False
        if not all(one.settled for one in self.world.website.courier.posted()):
            return False
        sent = {word for one in seen(self.world).sent for word in one.words}
        return {one.word for one in self.written} <= sent and is_at_rest(self.ledger)

    def _was_read(self, since: datetime) -> bool:
        with self.ledger.reading() as tx:
            read = [accounts.standing(tx, name).read_at for name in (TOWN, HELPDESK)]
        return all(at is not None and at > since for at in read)

"""What every channel is held to, and what a network's stand-in must offer so that it can be.

A channel joins by one file, `tests/channels/<network>/stand.py`, with

    def open_stand() -> AbstractContextManager[Stand]: ...

It starts something that answers in the network's place over real HTTP on this machine, builds the
channel against it, and ends both on leaving. `test_conformance.py` finds it there and runs every
test over it. What a channel can do is seen by `isinstance` with the Protocols of the contract;
what cannot be done to a network (no limit on requests, no parents) is left out of `faults`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.channels.contract import Channel, Raw
from bridge.model import Person, Reply, Visibility

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
"""One sign to a reader, seven code points, twenty-five bytes."""


class Fault(StrEnum):
    """What happens to the next message that the channel sends."""

    SIGNED_OUT = "the credentials are refused"
    RATE_LIMITED = "asked to wait for thirty seconds"
    BROKEN = "answered with 500"
    LOST_BEFORE = "the connection drops before it was carried out"
    LOST_AFTER = "the connection drops after it was carried out"


@dataclass(frozen=True, slots=True)
class Written:
    """A message of ours as the network holds it: its id, its words as a reader sees them.

    `readers` are the handles of those it was brought to; `open` tells that anybody can read it,
    found out by trying to, without credentials, where the network allows that.
    """

    id: str
    text: str
    readers: frozenset[str]
    open: bool


class Stand(ABC):
    """A network's stand-in, one channel bound to it, one customer and one stranger."""

    channel: Channel
    faults: frozenset[Fault] = frozenset(Fault)
    has_parents: bool = True
    """Whether a message can answer one that is gone by now."""

    public: bool = True
    """Whether anything is said in public on the network. If not, all that `says` says is private.
    """

    customer: Person
    """Whom replies go to, as a post of theirs shows them."""

    stranger: str
    """The handle of somebody whom no private reply may ever reach."""

    _sample: bytes = b""

    @abstractmethod
    def says(self, text: str, *, private: bool = False) -> str:
        """The customer says something to the brand; the id that the post will have."""

    @abstractmethod
    def says_rubbish(self) -> None:
        """The next item in the stream is one that nobody can read."""

    @abstractmethod
    def arrivals(self) -> tuple[Raw, ...]:
        """Everything said since the stand was opened, as the bridge would store it, in the order
        of its arrival. Asked twice, it comes twice: from the same place, or delivered again."""

    @abstractmethod
    def takes_down(self, post_id: str) -> None:
        """The customer deletes a post."""

    @abstractmethod
    def goes_wrong(self, fault: Fault) -> None:
        """From `faults`."""

    def says_beneath_us(self, text: str) -> str:
        """The customer says something where we may moderate it; the id that the post will have."""
        return self.says(text)

    def acting_goes_wrong(self, fault: Fault) -> None:
        """From `faults`: it happens to the next request that is no answer to a message."""
        raise NotImplementedError

    def looking_goes_wrong(self) -> None:
        """For channels that look up what became of a message: every question is refused from now
        on, for a reason that nobody knows."""
        raise NotImplementedError

    @abstractmethod
    def written(self) -> tuple[Written, ...]:
        """Every message of ours that the network holds, oldest first."""

    @abstractmethod
    def now(self) -> datetime:
        """What the channel's clock says."""

    def shown(self, *, private: bool) -> Person:
        """The customer as a post of theirs shows them: some networks know people by another id in
        private."""
        return self.customer

    @property
    def usual(self) -> Visibility:
        """Public, where the network is."""
        return Visibility.PUBLIC if self.public else Visibility.PRIVATE

    def sample(self) -> bytes:
        """The body of one real delivery, made the first time it is asked for."""
        if not self._sample:
            self.says("a sample", private=True)
            self._sample = self.arrivals()[-1].body
        return self._sample

    def reply(
        self,
        text: str,
        *,
        to: str,
        key: str = "intent-1",
        visibility: Visibility | None = None,
    ) -> Reply:
        """An agent's answer to the post with the id `to`."""
        return Reply(
            key=key,
            account=self.channel.account,
            visibility=visibility or self.usual,
            text=text,
            to=self.customer,
            in_reply_to=to,
            thread_id=to,
            intended_at=self.now(),
        )

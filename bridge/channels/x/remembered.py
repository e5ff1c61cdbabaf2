"""What is remembered for a while, because asking again costs money or time. Losing it costs
another question, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.channels.x.calls import Calls
from bridge.channels.x.envelopes import get, id_in
from bridge.channels.x.prices import Spending
from bridge.errors import Refused
from bridge.model import HOUR, Clock, Reply

_KEPT_FOR = 20 * HOUR
_OPEN_FOR, _SHUT_FOR = 24 * HOUR, HOUR / 4


@dataclass
class Uploads:
    """The pictures of replies, on their way. X keeps an upload for a day (`expires_after_secs`):
    the next try of a message finds it."""

    clock: Clock
    _known: dict[tuple[str, int], tuple[str, datetime]] = field(default_factory=dict)

    def ids(self, calls: Calls, reply: Reply, category: str) -> tuple[str, ...]:
        self._forget()
        return tuple(self._id(calls, reply, at, category) for at in range(len(reply.files)))

    def _id(self, calls: Calls, reply: Reply, at: int, category: str) -> str:
        if (reply.key, at) in self._known:
            return self._known[reply.key, at][0]
        file = reply.files[at]
        answer = calls.upload("/2/media/upload", file, {"media_category": category})
        media_id = id_in(answer.data)
        if not media_id:
            raise Refused(f"X took {file.filename} and did not say what it made of it")
        self._known[reply.key, at] = (media_id, self.clock())
        return media_id

    def _forget(self) -> None:
        now = self.clock()
        self._known = {
            key: (media_id, since)
            for key, (media_id, since) in self._known.items()
            if timedelta() <= now - since < _KEPT_FOR
        }


@dataclass
class Letterboxes:
    """Who takes messages from us: asked once a day for each person, because asking is paid for,
    and soon again where somebody does not, because they may open it for us.
    https://docs.x.com/x-api/fundamentals/data-dictionary (`receives_your_dm`)"""

    calls: Calls
    spending: Spending
    clock: Clock
    _known: dict[str, tuple[bool, datetime]] = field(default_factory=dict)

    def is_open(self, user_id: str) -> bool:
        """Raises as `Calls.get`. Where X does not say, it may be tried."""
        now = self.clock()
        self._known = {
            one: (is_open, since)
            for one, (is_open, since) in self._known.items()
            if timedelta() <= now - since < (_OPEN_FOR if is_open else _SHUT_FOR)
        }
        if user_id not in self._known:
            params = {"user.fields": "receives_your_dm"}
            told = self.calls.get(f"/2/users/{user_id}", params).data
            self.spending.read("user", [user_id] if told else [])
            self._known[user_id] = (get(told, "receives_your_dm") is not False, now)
        return self._known[user_id][0]

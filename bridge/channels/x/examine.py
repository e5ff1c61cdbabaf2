"""What `bridge doctor` asks X about an account, and what it says about the answers.

- https://docs.x.com/x-api/users/get-my-user
- What OAuth 1.0a keys may do is told in a header (`x-access-level`), what OAuth 2.0 tokens may do
  when they are renewed (`scope`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from bridge.channels.x.calls import Answer, Calls
from bridge.channels.x.envelopes import get, id_in
from bridge.channels.x.hook import Hook
from bridge.channels.x.moderating import HIDING, LIKING
from bridge.channels.x.prices import DOLLAR, Spending, dollars
from bridge.channels.x.signin import SIGN_IN_AGAIN
from bridge.channels.x.translate import Me
from bridge.errors import BridgeError
from bridge.model import Finding, Urgency

SCOPES = (
    "tweet.read",
    "tweet.write",
    "users.read",
    "dm.read",
    "dm.write",
    "media.write",
    "offline.access",
)
FULL_ACCESS = "read-write-directmessages"
_CLOCKS_APART = timedelta(seconds=30)
_CLOCKS_WRONG = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything worth knowing of one account, each question by itself."""

    calls: Calls
    me: Me
    hook: Hook | None
    spending: Spending
    messages: bool

    def findings(self) -> Iterator[Finding]:
        yield self._address()
        yield from self._account()
        yield from self._webhook()
        yield self._budget()

    def _address(self) -> Finding:
        parts = urlsplit(self.calls.url)
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            says = f"{self.calls.url} is not encrypted: the keys can be read on the way"
            return Finding("address", Urgency.ADVICE, says, "Use https://api.x.com.")
        return Finding("address", Urgency.OK, self.calls.url)

    def _account(self) -> Iterator[Finding]:
        try:
            answer = self.calls.get("/2/users/me")
        except BridgeError as wrong:
            yield Finding("credentials", Urgency.PROBLEM, wrong.because, SIGN_IN_AGAIN)
            return
        self.spending.read("user", [id_in(answer.data)])
        yield self._credentials(answer)
        yield self._scopes(answer)
        yield self._clock(answer)

    def _credentials(self, answer: Answer) -> Finding:
        name = str(get(answer.data, "username"))
        if id_in(answer.data) != self.me.id:
            says = f"the keys are those of @{name} ({id_in(answer.data)}), not of {self.me.id}"
            return Finding("credentials", Urgency.PROBLEM, says, "Set user_id, or other keys.")
        if name.casefold() != self.me.handle.casefold():
            says = f"the account is called @{name}, the mapping says @{self.me.handle}"
            return Finding("credentials", Urgency.PROBLEM, says, f"Set handle: {name}.")
        return Finding("credentials", Urgency.OK, f"signed in as @{name}")

    def _scopes(self, answer: Answer) -> Finding:
        granted = self.calls.sign_in.scopes
        if granted is None and answer.access:
            return _access(answer.access, messages=self.messages)
        if granted is None:
            says = "X did not tell what the keys may do"
            do = f"Make sure that it is: {', '.join(SCOPES)} (OAuth 2.0), or {FULL_ACCESS}."
            return Finding("scopes", Urgency.ADVICE, says, do)
        wanted = [one for one in SCOPES if self.messages or not one.startswith("dm.")]
        missing = [one for one in wanted if one not in granted]
        if missing:
            says = f"not granted: {', '.join(missing)}"
            return Finding("scopes", Urgency.PROBLEM, says, SIGN_IN_AGAIN)
        beside = (HIDING,) if self.me.only_summoned else (HIDING, LIKING)
        lacking = [one for one in beside if one not in granted]
        if lacking:
            says = f"not granted: {', '.join(lacking)}; agents can only answer"
            return Finding("scopes", Urgency.ADVICE, says, f"To let them: {SIGN_IN_AGAIN}")
        return Finding("scopes", Urgency.OK, f"granted: {', '.join(wanted)}")

    def _clock(self, answer: Answer) -> Finding:
        if answer.at is None:
            return Finding("clock", Urgency.ADVICE, "X does not tell its time")
        apart = abs(self.calls.surroundings.clock() - answer.at)
        says = f"{apart.total_seconds():.0f} seconds from X's clock"
        do = "Set this machine's clock (NTP): OAuth 1.0a and looking for lost answers need it."
        if apart > _CLOCKS_APART:
            urgency = Urgency.PROBLEM if apart > _CLOCKS_WRONG else Urgency.ADVICE
            return Finding("clock", urgency, says, do)
        return Finding("clock", Urgency.OK, says)

    def _webhook(self) -> Iterator[Finding]:
        hook = self.hook
        if hook is None:
            says = "X does not call us: what is new is only read now and then, and quotes are not"
            do = "Set bearer_token (the app's own) and BRIDGE_PUBLIC_URL."
            yield Finding("webhook", Urgency.ADVICE, says, do)
            return
        yield _answered("webhook", lambda: _called(hook))
        yield _answered("subscriptions", lambda: _told(hook))

    def _budget(self) -> Finding:
        spent, budget = self.spending.this_month(), self.spending.budget
        if self.spending.meter is None:
            return Finding("cost", Urgency.ADVICE, "what X costs is not counted here")
        says = f"about {dollars(spent)} since {self.spending.month():%Y-%m-%d}"
        if budget is None:
            return Finding("cost", Urgency.OK, f"{says}, no budget is set")
        says = f"{says}, of {dollars(budget)}"
        if self.spending.used_up():
            says = f"{says}: the budget is used up, so nothing is read any more until next month"
            do = f"Raise budget (now {budget / DOLLAR:g}); events and answers still go through."
            return Finding("cost", Urgency.PROBLEM, says, do)
        if spent >= budget * 0.8:
            return Finding("cost", Urgency.ADVICE, says, "Raise budget, or read less often.")
        return Finding("cost", Urgency.OK, says)


def _answered(about: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except BridgeError as wrong:
        return Finding(about, Urgency.PROBLEM, wrong.because)


def _access(access: str, *, messages: bool) -> Finding:
    if access == FULL_ACCESS or (access == "read-write" and not messages):
        return Finding("scopes", Urgency.OK, access)
    do = (
        "In the developer console set the app's permissions to \"Read and write and Direct "
        'message", then make new access tokens: the old ones keep the old permissions.'
    )
    return Finding("scopes", Urgency.PROBLEM, f"the keys may only {access}", do)


def _called(hook: Hook) -> Finding:
    webhook = hook.webhook()
    if webhook is None:
        do = "It is registered by itself within the quarter of an hour while the bridge runs."
        return Finding("webhook", Urgency.ADVICE, f"X does not know {hook.address} yet", do)
    if not webhook.valid:
        do = "Make sure that the address can be reached from outside; it is revived by itself."
        return Finding("webhook", Urgency.PROBLEM, f"X holds {webhook.url} invalid", do)
    return Finding("webhook", Urgency.OK, f"X calls {webhook.url}")


def _told(hook: Hook) -> Finding:
    missing = [kind for kind in hook.wanted if kind not in hook.subscribed()]
    if missing:
        do = "They are subscribed to by themselves; if not, see what the account's state says."
        says = f"X does not tell us yet of {', '.join(missing)}"
        return Finding("subscriptions", Urgency.ADVICE, says, do)
    return Finding("subscriptions", Urgency.OK, f"X tells us of {', '.join(hook.wanted)}")

"""What is tried before an account is kept, part by part. Ends where nothing more can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bridge.channels.contract import (
    RIGHTS,
    SIGN_IN,
    Channel,
    Examined,
    Expires,
    KeepsHook,
    Mends,
    Pushes,
)
from bridge.connecting import rehearsal
from bridge.model import Finding, Urgency


@dataclass
class Trial:
    """One account under construction. `may_change`: whether the network's side may be put
    right."""

    channel: Channel
    public_url: str
    may_change: Callable[[], bool]

    def sign_in(self) -> Iterator[Finding]:
        """What the network itself finds, as it stands."""
        if isinstance(self.channel, Examined):
            yield from self.channel.examine()
        else:
            yield Finding("examination", Urgency.OK, "this network cannot be examined")

    def is_dead(self, problems: Iterable[Finding]) -> bool:
        return any(each.about in SIGN_IN for each in problems)

    def lacks_rights(self, problems: Iterable[Finding]) -> bool:
        return any(each.about in RIGHTS for each in problems)

    @property
    def is_pushed(self) -> bool:
        return isinstance(self.channel, Pushes)

    def way_to_us(self) -> Iterator[Finding]:
        return rehearsal.findings(self.channel, self.public_url)

    def changes(self) -> Iterator[Finding]:
        """Subscriptions at every layer, and what else stands in the way over there."""
        about = "the network's side"
        if not isinstance(self.channel, (Mends, KeepsHook)):
            yield Finding(about, Urgency.OK, "nothing has to be set there from here")
            return
        if not self.may_change():
            yield Finding(about, Urgency.ADVICE, "nothing was changed", "`bridge doctor --fix`")
            return
        if isinstance(self.channel, Mends):
            yield Finding(about, Urgency.OK, self.channel.mend() or "nothing had to be changed")
        if isinstance(self.channel, KeepsHook):
            wrong = self.channel.keep_hook()
            if wrong:
                do = "see the network's page of the documentation"
                yield Finding("webhook", Urgency.PROBLEM, wrong, do)
            else:
                yield Finding("webhook", Urgency.OK, "the network calls us")

    def lifetime(self) -> Iterator[Finding]:
        about = "sign-in"
        ends = self.channel.expires_at() if isinstance(self.channel, Expires) else None
        if ends is None:
            says = "it does not end at a time that is known"
        else:
            says = f"it ends on {ends:%Y-%m-%d} at {ends:%H:%M} UTC; an alarm tells a week before"
        yield Finding(about, Urgency.OK, says)

"""An account under construction, while it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bridge.channels import registry
from bridge.channels.contract import Channel, Surroundings
from bridge.connecting.asked import Asked
from bridge.connecting.findings import Examined, look
from bridge.connecting.options import loaded, questions
from bridge.connecting.tokens import TriedTokens
from bridge.connecting.trial import Trial
from bridge.ledger import Ledger, drafts
from bridge.ledger.secrets import Safe
from bridge.logs import Redaction
from bridge.model import Finding, utcnow
from bridge.opening import LedgerMeter
from bridge.settings import Secret, Settings


def _nobody(_told: object) -> None:
    return None


@dataclass
class Draft:
    """Whether what was begun outlives the trial: until the web service has read the mapping anew,
    at most for an hour."""

    stays: bool = False


@dataclass
class Place:
    """Where an account is tried. `begins` is told what is looked at, `told` what was found, as it
    comes."""

    settings: Settings
    ledger: Ledger
    asked: Asked
    begins: Callable[[str], None] = _nobody
    told: Callable[[Examined], None] = _nobody
    parts: list[Examined] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._kind = registry.installed()[self.asked.network]
        self._safe = Safe(self.settings.secret_keys)
        self._tokens = TriedTokens(self.ledger, self._safe)
        schema = self._kind.Options()
        secret = [each.name for each in questions(schema) if each.secret]
        answers = self.asked.answers
        self._redaction = Redaction([Secret(answers[one]) for one in secret if one in answers])

    @contextmanager
    def under_construction(self) -> Iterator[Draft]:
        """While this lasts the running web service answers for the account; unless it stays,
        nothing is left of it, however it ends."""
        draft = Draft()
        pushed = self._trial(lambda: False).is_pushed
        account, network = self.asked.account, self.asked.network
        if pushed:
            with self.ledger.writing() as tx:
                drafts.begin(tx, self._safe, account, network, self.asked.answers)
        try:
            yield draft
        finally:
            if not draft.stays:
                if pushed:
                    with self.ledger.writing() as tx:
                        drafts.end(tx, self._safe, account)
                self._tokens.forget()

    def tried(self, leave: Callable[[], bool], *, anyway: bool) -> bool:
        """Whether it may be kept."""
        trial = self._trial(leave)
        first = self._look("the account", trial.sign_in)
        dead, lacking = trial.is_dead(first.problems), trial.lacks_rights(first.problems)
        if dead or (lacking and not anyway):
            self._add(first)
            return False
        if trial.is_pushed:
            way = self._add(self._look("the way to us", trial.way_to_us))
            if way.problems and not anyway:
                return False
        last = first
        if trial.is_pushed or first.problems:
            self._add(self._look("the network's side", trial.changes))
            last = self._look("the account", trial.sign_in)
        self._add(last)
        self._add(self._look("its lifetime", trial.lifetime))
        if trial.is_dead(last.problems):
            return False
        return anyway or not any(part.problems for part in self.parts)

    def signs_in(self, *, anyway: bool) -> bool:
        """Whether new secrets of an account that is connected already may be kept."""
        trial = self._trial(lambda: False)
        found = self._add(self._look("the account", trial.sign_in))
        self._add(self._look("its lifetime", trial.lifetime))
        lacking = trial.lacks_rights(found.problems) and not anyway
        good = not trial.is_dead(found.problems) and not lacking
        if not good:
            self._tokens.forget()
        return good

    def _trial(self, leave: Callable[[], bool]) -> Trial:
        return Trial(self._channel(), self.settings.public_url, leave)

    def _channel(self) -> Channel:
        around = Surroundings(
            clock=utcnow,
            public_url=self.settings.public_url,
            trusted_hosts=self.settings.trusted_hosts,
            tokens=self._tokens,
            meter=LedgerMeter(self.ledger),
        )
        options = loaded(self._kind.Options(), self.asked.answers)
        return self._kind(self.asked.account, options, around)

    def _look(self, what: str, ask: Callable[[], Iterable[Finding]]) -> Examined:
        self.begins(what)
        found, clean = look(what, ask), self._redaction.text
        told = (replace(one, says=clean(one.says), do=clean(one.do)) for one in found.findings)
        return Examined(what, tuple(told))

    def _add(self, examined: Examined) -> Examined:
        self.parts.append(examined)
        self.told(examined)
        return examined

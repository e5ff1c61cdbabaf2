"""Where `env:NAME` of a mapping leads: the process's environment, and behind it the sealed rows
that `bridge connect` keeps in the ledger under the same names. Two settings are found there too:
the secrets that `bridge setup zendesk` keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bridge.errors import Unreachable
from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.settings import Secret, Settings

PREFIX = "env:"
WEBHOOK_SECRET, APP_SECRET = "ZENDESK_WEBHOOK_SECRET", "ZENDESK_APP_SECRET"


class Environment(Mapping[str, str]):
    """The environment goes first. `sealed` is asked only for what it does not have: whoever keeps
    every secret there needs no database to read a mapping."""

    def __init__(self, plain: Mapping[str, str], sealed: Callable[[str], str | None]) -> None:
        self._plain = plain
        self._sealed = sealed

    def __getitem__(self, name: str) -> str:
        """Raises `KeyError`, and what the ledger raises for a row that cannot be read."""
        value = self._plain.get(name, "") or self._sealed(name)
        if not value:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)


@dataclass(frozen=True, slots=True, repr=False)
class Kept(Secret):
    """A secret that stands in the ledger. It is asked for whenever it is needed: a web service
    that started while the database was away has it as soon as that answers, and one that was
    running when the secret was made, or made anew, needs no restart.

    `reveal()` and the question whether it is set raise as `environment` says.
    """

    _ask: Callable[[], str | None]

    def reveal(self) -> str:
        return self._ask() or ""

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__


def environment(plain: Mapping[str, str], settings: Settings, ledger: Ledger) -> Environment:
    """With the ledger's rows behind it. Reading raises `Misconfigured` where no key opens a row,
    `Unreachable` while the database cannot be asked."""
    safe = Safe(settings.secret_keys)

    def sealed(name: str) -> str | None:
        try:
            with ledger.reading() as tx:
                return safe.get(tx, PREFIX + name)
        except (DBAPIError, OSError) as trouble:
            why = trouble.orig if isinstance(trouble, DBAPIError) else trouble
            raise Unreachable(
                f"the environment variable {name} is not set, and the database cannot be asked "
                f"whether it keeps it: {str(why).strip()}"
            ) from trouble

    return Environment(plain, sealed)


def with_kept(settings: Settings, ledger: Ledger) -> Settings:
    """The settings, with the sealed secrets behind those that the environment does not have.
    Nothing is asked here; without a key nothing can have been sealed."""
    if not settings.secret_keys:
        return settings
    sealed = environment({}, settings, ledger)
    zendesk = settings.zendesk
    return replace(
        settings,
        zendesk=replace(
            zendesk,
            webhook_secret=zendesk.webhook_secret or Kept("", lambda: sealed.get(WEBHOOK_SECRET)),
            app_secret=zendesk.app_secret or Kept("", lambda: sealed.get(APP_SECRET)),
        ),
    )


def has_database(settings: Settings) -> bool:
    """Whether there is one to look into; to look must not make a file."""
    if not settings.database_url.startswith("sqlite:///"):
        return True
    return Path(settings.database_url.removeprefix("sqlite:///").partition("?")[0]).is_file()

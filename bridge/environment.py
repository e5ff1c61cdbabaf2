"""Where `env:NAME` of a mapping leads: the process's environment, and behind it the sealed rows
that `bridge connect` keeps in the ledger under the same names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bridge.errors import Unreachable
from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.settings import Settings

PREFIX = "env:"


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


def has_database(settings: Settings) -> bool:
    """Whether there is one to look into; to look must not make a file."""
    if not settings.database_url.startswith("sqlite:///"):
        return True
    return Path(settings.database_url.removeprefix("sqlite:///").partition("?")[0]).is_file()

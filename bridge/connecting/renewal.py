"""Other secrets for an account that is connected: which there are, and trying new ones."""

from __future__ import annotations

from collections.abc import Mapping as Environ
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.channels import registry
from bridge.connecting.options import written
from bridge.errors import Misconfigured
from bridge.ledger import Ledger, mappings
from bridge.mapping.options import is_secret
from bridge.mapping.source import read, read_files
from bridge.mapping.words import unknown

_REFERENCE = "env:"


@dataclass(frozen=True)
class Known:
    """An account as the mapping has it: its plain options, and where its secrets are."""

    network: str
    plain: dict[str, str]
    names: dict[str, str]

    def sealed(self, plain: Environ[str, str]) -> tuple[str, ...]:
        """The secrets that are not in the environment, which goes first."""
        return tuple(option for option, name in self.names.items() if not plain.get(name))


def known(ledger: Ledger, path: Path, account: str) -> Known:
    """From the live mapping, or from the files where none is live. Raises `Misconfigured`."""
    with ledger.reading() as tx:
        live = mappings.latest(tx)
    data = read_files(live.files).data if live is not None and live.files else read(path).data
    accounts: Any = data.get("accounts") or {}
    if account not in accounts:
        raise Misconfigured(unknown(account, accounts, what="account"))
    network, options = accounts[account].get("network"), accounts[account].get("options") or {}
    if network not in registry.installed():
        raise Misconfigured(f"{account}: see `bridge check`")
    names = {
        option: value.strip().removeprefix(_REFERENCE)
        for option, value in options.items()
        if is_secret(option) and isinstance(value, str)
    }
    plain = {option: written(value) for option, value in options.items() if option not in names}
    return Known(network, plain, names)


def as_it_is(account: Known, found: Environ[str, str]) -> dict[str, str]:
    """Every option with its present value; one that leads nowhere is left out."""
    plain = {
        option: found.get(value.removeprefix(_REFERENCE), "")
        if value.startswith(_REFERENCE)
        else value
        for option, value in account.plain.items()
    }
    secret = {option: found.get(name, "") for option, name in account.names.items()}
    return {option: value for option, value in (plain | secret).items() if value}

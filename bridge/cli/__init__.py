"""The `bridge` command. Exit codes: 0 fine, 1 problems were found, 2 wrong use or settings.

Nothing heavy is imported here: `bridge --help` answers at once, each command brings its own, and
none loads another's module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from bridge.cli.common import Commands

_WHERE = {
    "run": "serving.run",
    "web": "serving.web",
    "worker": "serving.worker",
    "demo": "serving.demo",
    "migrate": "keys.migrate",
    "new-key": "keys.new_key",
    "rotate-key": "keys.rotate_key",
    "connect": "connecting.connect",
    "renew": "renewing.renew",
    "setup": "setting_up.setup",
    "check": "checking.check",
    "mapping": "mapping.mapping",
    "explain": "explaining.explain",
    "doctor": "examining.doctor",
    "status": "queues.status",
    "numbers": "numbers.numbers",
    "retry": "queues.retry",
    "replay": "queues.replay",
    "export": "exporting.export",
    "erase": "erasing.erase",
    "pause": "holding.pause",
    "resume": "holding.resume",
    "read": "holding.read",
    "console": "console.console",
    "tokens": "tokens.tokens",
    "crm": "crm.crm",
    "webhooks": "webhooks.webhooks",
    "restart-feed": "feeding.restart_feed",
    "reference": "reference.reference",
}
"""Command → its module and its name there, in the order of the help."""


class _Loaded(Mapping[str, click.Command]):
    """Each command when it is asked for."""

    def __init__(self, where: dict[str, str]) -> None:
        self._where = where

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = self._where[name].partition(".")
        command: click.Command = getattr(import_module(f"bridge.cli.{module}"), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __len__(self) -> int:
        return len(self._where)


@click.group(
    cls=Commands,
    commands=_Loaded(_WHERE),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="helpdesk-bridge", prog_name="bridge")
def main() -> None:
    """Social posts and direct messages become helpdesk tickets; agents' replies go back.

    Settings come from the environment (docs/settings.md), rules from the mapping
    (docs/mapping.md).

    Exit codes: 0 fine, 1 problems were found, 2 wrong use or settings.
    """

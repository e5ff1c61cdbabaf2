"""The `bridge` command. Exit codes: 0 fine, 1 problems were found, 2 wrong use or settings.

Nothing heavy is imported here: `bridge --help` answers at once, each command brings its own.
"""

from __future__ import annotations

import click

from bridge.cli import (
    checking,
    connecting,
    erasing,
    examining,
    explaining,
    holding,
    keys,
    queues,
    reference,
    renewing,
    serving,
)
from bridge.cli.common import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="helpdesk-bridge", prog_name="bridge")
def main() -> None:
    """Social posts and direct messages become helpdesk tickets; agents' replies go back.

    Settings come from the environment (docs/settings.md), rules from the mapping
    (docs/mapping.md).

    Exit codes: 0 fine, 1 problems were found, 2 wrong use or settings.
    """


for command in (
    serving.run,
    serving.web,
    serving.worker,
    serving.demo,
    keys.migrate,
    keys.new_key,
    keys.rotate_key,
    connecting.connect,
    renewing.renew,
    checking.check,
    explaining.explain,
    examining.doctor,
    queues.status,
    queues.retry,
    queues.replay,
    erasing.erase,
    holding.pause,
    holding.resume,
    holding.read,
    reference.reference,
):
    main.add_command(command)

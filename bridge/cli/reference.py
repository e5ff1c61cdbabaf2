"""docs/commands.md, made from the commands themselves so that it cannot lie."""

from __future__ import annotations

from collections.abc import Iterator

import click

_HEAD = """# The `bridge` command

Made by `bridge reference > docs/commands.md`; a test sees to it that it is so.

Exit codes, of every command: **0** fine, **1** problems were found, **2** wrong use or settings.
Results go to the standard output; progress, complaints and logs to the standard error.
"""


@click.command(hidden=True)
@click.pass_context
def reference(ctx: click.Context) -> None:
    """Print docs/commands.md."""
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    click.echo(_HEAD + "".join(_parts(root.command)), nl=False)


def _parts(group: click.Group) -> Iterator[str]:
    yield _part(group, "bridge", None)
    yield from _below(group, click.Context(group, info_name="bridge"))


def _below(group: click.Group, above: click.Context) -> Iterator[str]:
    for name, command in group.commands.items():
        if not command.hidden:
            yield _part(command, name, above)
            if isinstance(command, click.Group):
                yield from _below(command, click.Context(command, info_name=name, parent=above))


def _part(command: click.Command, name: str, above: click.Context | None) -> str:
    ctx = click.Context(
        command,
        info_name=name,
        parent=above,
        terminal_width=96,
        max_content_width=96,
        help_option_names=["-h", "--help"],
    )
    title = ctx.command_path
    return f"\n## `{title}`\n\n```text\n{command.get_help(ctx)}\n```\n"

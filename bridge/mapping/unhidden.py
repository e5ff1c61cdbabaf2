"""Secrets that somebody is about to write where everybody reads them."""

from __future__ import annotations

import re

from bridge.mapping.model import Files, Problem
from bridge.mapping.options import is_secret

_PAIR = re.compile(
    r"""([A-Za-z][\w-]*)["']?\s*:[ \t]+(?:&\S+[ \t]+)?["']?([^\s"',{}#&*!|>][^\s"',{}]*)"""
)


def secrets_in(files: Files) -> tuple[Problem, ...]:
    """Where a key whose name says that it is a secret holds a value and no reference. It looks at
    words alone, so that it also finds them in what is no YAML yet."""
    return tuple(
        Problem(
            name,
            number,
            found.start(2) + 1,
            f"{found[1]}: a secret must not stand here: put it in the environment and "
            "write env:NAME",
        )
        for name, text in files
        for number, line in enumerate(text.splitlines(), 1)
        for found in _PAIR.finditer(line)
        if is_secret(found[1]) and not found[2].startswith("env:") and not _is_nothing(found[2])
    )


def _is_nothing(value: str) -> bool:
    return value.lower() in ("true", "false", "null", "~", "env")

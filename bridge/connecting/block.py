"""An account's block in a mapping file, put in as text so that comments and order stay."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bridge.connecting.options import written
from bridge.errors import Misconfigured
from bridge.mapping import Files
from bridge.mapping.source import mapping_files
from bridge.mapping.tree import Loader, is_nothing

_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off)\Z)[A-Za-z/][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Changed:
    """A mapping file with one more account in it."""

    file: Path
    text: str


def block(
    account: str, network: str, language: str, options: Mapping[str, Any], *, indent: str, step: str
) -> str:
    """Lines of YAML, each with its end."""
    lines = [f"{indent}{account}:", f"{indent}{step}network: {network}"]
    if language:
        lines.append(f"{indent}{step}language: {language}")
    lines.append(f"{indent}{step}options:")
    lines += [f"{indent}{step}{step}{name}: {_scalar(value)}" for name, value in options.items()]
    return "".join(f"{line}\n" for line in lines)


def added(path: Path, account: str, network: str, language: str, options: Any) -> Changed:
    """The file that has `accounts`, with the block after the last of them.

    Raises `Misconfigured` where the file is written in a way that nothing can be put into.
    """
    what = (account, network, language, options)
    for file in mapping_files(path):
        try:
            text = file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise Misconfigured(f"{file} cannot be read: see `bridge check`") from wrong
        with_it = _with_it(file, text, what)
        if with_it is not None:
            return Changed(file, with_it)
    raise Misconfigured(
        f"no file of {path} has `accounts:`: write that line, with nothing below, and try again"
    )


def with_account(files: Files, account: str, network: str, language: str, options: Any) -> Files:
    """The same for files that are not on this disk. Raises as `added` does."""
    for place, (name, text) in enumerate(files):
        with_it = _with_it(Path(name), text, (account, network, language, options))
        if with_it is not None:
            return (*files[:place], (name, with_it), *files[place + 1 :])
    raise Misconfigured(
        "no file of the mapping has `accounts:`: write that line, with nothing below, and try again"
    )


def _with_it(file: Path, text: str, what: Any) -> str | None:
    """None where this file has no `accounts`."""
    for key, value in _composed(file, text).value:
        if key.value == "accounts":
            return _put(file, text, key, value, what)
    return None


def _composed(file: Path, text: str) -> yaml.MappingNode:
    try:
        node = yaml.compose(_ENDS.sub("\n", text.removeprefix("\ufeff")), Loader=Loader)
    except (yaml.YAMLError, ValueError, OverflowError) as wrong:
        raise Misconfigured(f"{file} is not YAML: see `bridge check`") from wrong
    if not isinstance(node, yaml.MappingNode):
        raise Misconfigured(f"{file} holds no mapping: see `bridge check`")
    return node


def _put(file: Path, text: str, key: yaml.Node, value: yaml.Node, what: Any) -> str:
    account, network, language, options = what
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)
    if is_nothing(value):
        column, at = key.start_mark.column + 2, key.start_mark.line + 1
    elif isinstance(value, yaml.MappingNode) and not value.flow_style:
        column = value.start_mark.column
        at = _end(lines, value, column)
    else:
        raise Misconfigured(
            f"{file}: `accounts` is written in braces or by a reference, so nothing can be put in: "
            "write its accounts on lines of their own"
        )
    step = " " * (column - key.start_mark.column)
    ends = "\r\n" if "\r\n" in text else "\n"
    made = block(account, network, language, options, indent=" " * column, step=step)
    before = lines[:at]
    if before and not before[-1].endswith(("\n", "\r")):
        before[-1] += ends
    return "".join((*before, made.replace("\n", ends), *lines[at:]))


def _end(lines: list[str], value: yaml.Node, column: int) -> int:
    """The line after the last one that belongs to the accounts: blank lines and comments that
    stand further out belong to what follows."""
    at = value.end_mark.line + (1 if value.end_mark.column else 0)
    at = min(at, len(lines))
    while at > 0:
        bare = lines[at - 1].strip()
        indented = len(lines[at - 1]) - len(lines[at - 1].lstrip(" "))
        if bare and (indented >= column or not bare.startswith("#")):
            break
        at -= 1
    return at


def _scalar(value: Any) -> str:
    if isinstance(value, (bool, int, float)):
        return written(value)
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)

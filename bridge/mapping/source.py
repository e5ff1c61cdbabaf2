"""Mapping files as they are written: which files there are, their text, and whether it is YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from bridge.mapping.model import Files, Problem
from bridge.mapping.tree import Conversion, Draft, Loader, is_nothing, spot_of

MOST_BYTES = 256 * 1024
TOO_LARGE = f"larger than {MOST_BYTES // 1024} KiB: split it into files"
NO_NAME = "a file's name has letters, digits, spaces and - _ . (no . at its beginning)"
_NAME = re.compile(r"[^\W.-][\w .-]{0,99}")


def read(path: Path) -> Draft:
    """Read a file, or every *.yaml and *.yml of a folder in the order of their names.

    Never raises for what the files hold: mistakes are in `Draft.problems`. Names that begin
    with a dot are left out (editors and Kubernetes keep their own things there).
    """
    draft = Draft(str(path))
    try:
        files = mapping_files(path)
    except OSError as error:
        files = []
        draft.problems.append(Problem(str(path), 0, 0, f"cannot be read: {error.strerror}"))
    except ValueError:
        files = []
        draft.problems.append(Problem(str(path), 0, 0, "this is not the name of a file"))
    else:
        if not files:
            draft.problems.append(Problem(str(path), 0, 0, "the folder holds no *.yaml file"))
    texts: list[tuple[str, str]] = []
    for file in files:
        text = _text(file, draft.problems)
        if text is None:
            draft.torn = True
            continue
        texts.append((file.name, text))
        _take(draft, str(file), text)
    return _put_together(draft, tuple(texts))


def read_files(files: Files) -> Draft:
    """The same for files that are not on this disk, under the names that they have."""
    draft = Draft("the mapping")
    if not files:
        draft.problems.append(Problem(draft.name, 0, 0, "there is no file in it"))
    seen: set[str] = set()
    texts: list[tuple[str, str]] = []
    for name, written in sorted(files):
        if name in seen or not is_file_name(name):
            why = "there are two files of this name" if name in seen else NO_NAME
            draft.problems.append(Problem(name, 0, 0, why))
            draft.torn = True
            continue
        seen.add(name)
        text = plain_ends(written)
        texts.append((name, text))
        if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            draft.problems.append(Problem(name, 0, 0, TOO_LARGE))
            draft.torn = True
            continue
        _take(draft, name, text)
    return _put_together(draft, tuple(texts))


def is_file_name(name: str) -> bool:
    """Whether a file of a mapping may be called so: a name, and no way to elsewhere."""
    return _NAME.fullmatch(name) is not None


def plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _take(draft: Draft, called: str, text: str) -> None:
    node = _compose(draft, called, text)
    if node is None:
        draft.torn = True
    else:
        Conversion(draft, called).top(node)


def _put_together(draft: Draft, files: Files) -> Draft:
    alone = len(files) == 1
    draft.text = "".join(text if alone else f"# {name}\n{text}\n" for name, text in files)
    draft.files = files
    return draft


def mapping_files(path: Path) -> list[Path]:
    """The file, or those of the folder, in the order in which they are read. Raises `OSError`."""
    if not path.is_dir():
        path.stat()
        return [path]
    return sorted(
        (
            file
            for file in path.iterdir()
            if file.suffix.lower() in (".yaml", ".yml")
            and not file.name.startswith(".")
            and file.is_file()
        ),
        key=lambda file: file.name,
    )


def _text(file: Path, problems: list[Problem]) -> str | None:
    """The file's text with plain line ends, or None and a problem."""
    if not file.is_file():
        problems.append(Problem(str(file), 0, 0, "this is not a file"))
        return None
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        problems.append(Problem(str(file), 0, 0, f"cannot be read: {error.strerror}"))
        return None
    if len(content) > MOST_BYTES:
        problems.append(Problem(str(file), 0, 0, TOO_LARGE))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(str(file), line, 1, "this is not UTF-8 text"))
        return None
    return plain_ends(text)


def _compose(draft: Draft, file: str, text: str) -> yaml.MappingNode | None:
    """The file's keys, or None and a problem."""
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        draft.problems.extend(_not_yaml(file, text, error))
        return None
    except yaml.reader.ReaderError as error:
        before = text[: int(error.position)]
        draft.problems.append(
            Problem(file, before.count("\n") + 1, 1, "this is not YAML: an unprintable character")
        )
        return None
    except (ValueError, OverflowError):
        # PyYAML 6.0.3 turns "\Uffffffff" and a long %YAML version into numbers unchecked.
        draft.problems.append(Problem(file, 0, 0, "this is not YAML: an impossible number"))
        return None
    if node is None or is_nothing(node):
        draft.problems.append(Problem(file, 0, 0, "the file is empty"))
        return None
    if not isinstance(node, yaml.MappingNode):
        draft.problems.append(
            spot_of(file, node).problem("the file must begin with keys: `rules:`")
        )
        return None
    return node


def _not_yaml(file: str, text: str, error: yaml.MarkedYAMLError) -> Iterator[Problem]:
    """A tab that indents is named on every line; else YAML's own words, where it stopped."""
    tabs = [number for number, line in enumerate(text.split("\n"), 1) if re.match(r" *\t", line)]
    mark = error.problem_mark or error.context_mark
    at = mark.line + 1 if mark else 0
    if at in tabs or "\\t" in (error.problem or ""):
        for number in tabs or [at]:
            yield Problem(file, number, 1, "a tab: YAML is indented with spaces")
        return
    said = error.problem or error.context or "it cannot be read"
    if "<block" in said:
        said = "this line is indented differently from its neighbours above"
    if "'@'" in said or "'`'" in said or "'%'" in said:
        said += ' (put it in quotes: "@name")'
    yield Problem(file, at, mark.column + 1 if mark else 0, f"this is not YAML: {said}")

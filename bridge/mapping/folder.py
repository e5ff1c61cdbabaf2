"""The mapping's files on this disk, and beside them the number of the revision they were last
known to be: what was pulled, or published from here."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bridge.errors import Misconfigured
from bridge.mapping.model import Files
from bridge.mapping.source import is_file_name, mapping_files, read

MARK = ".bridge-revision"


@dataclass(frozen=True, slots=True)
class Seen:
    """The revision that the files were when somebody last looked: its number, its digest."""

    number: int
    digest: str


NEVER = Seen(0, "")


@dataclass(frozen=True, slots=True)
class Local:
    """What the disk holds. `digest` is "" where nothing can be read whole."""

    files: Files
    digest: str
    seen: Seen


def local(path: Path) -> Local:
    """Never raises for what the files hold."""
    draft = read(path)
    whole = bool(draft.files) and len(draft.files) == _count(path)
    digest = sha256(draft.text.encode()).hexdigest() if whole else ""
    return Local(draft.files, digest, seen(path))


def seen(path: Path) -> Seen:
    """`NEVER` where nobody noted anything, or nothing that can be read."""
    try:
        number, _, digest = _mark(path).read_text(encoding="ascii").strip().partition(" ")
    except (OSError, ValueError):
        return NEVER
    return Seen(int(number), digest) if number.isdigit() and digest else NEVER


def note(path: Path, known: Seen) -> None:
    """Raises `Misconfigured` where nothing can be written."""
    _write(_mark(path), f"{known.number} {known.digest}\n")


def write(path: Path, files: Files) -> tuple[str, ...]:
    """Make the disk hold these files and no other; which ones were taken away.

    Raises `Misconfigured`.
    """
    if not path.is_dir() and (path.exists() or path.suffix.lower() in (".yaml", ".yml")):
        if len(files) != 1:
            names = ", ".join(name for name, _ in files)
            raise Misconfigured(
                f"{path} is one file, and the revision has {len(files)} ({names}): set "
                "BRIDGE_MAPPINGS to a folder"
            )
        _write(path, files[0][1])
        return ()
    for name, _ in files:
        if not is_file_name(name):
            raise Misconfigured(f"the revision has a file that cannot be called so here: {name!r}")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise Misconfigured(f"{path} cannot be made: {trouble.strerror}") from trouble
    for name, text in files:
        _write(path / _with_ending(name), text)
    wanted = {_with_ending(name) for name, _ in files}
    over = [file for file in mapping_files(path) if file.name not in wanted]
    for file in over:
        file.unlink()
    return tuple(file.name for file in over)


def _count(path: Path) -> int:
    try:
        return len(mapping_files(path))
    except (OSError, ValueError):
        return -1


def _mark(path: Path) -> Path:
    return path / MARK if path.is_dir() else path.with_name(f".{path.name}{MARK}")


def _with_ending(name: str) -> str:
    """In a folder only *.yaml and *.yml count; a single file may be called as one likes."""
    return name if name.lower().endswith((".yaml", ".yml")) else f"{name}.yaml"


def _write(file: Path, text: str) -> None:
    """At once, with the file's own rights; through a link, the file that it leads to."""
    file = file.resolve()
    try:
        handle, made = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as trouble:
        raise Misconfigured(f"{file} cannot be written: {trouble.strerror}") from trouble
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if file.exists():
            shutil.copymode(file, made)
        else:
            os.chmod(made, 0o644)  # no secrets stand in it
        os.replace(made, file)
    except OSError as trouble:
        Path(made).unlink(missing_ok=True)
        raise Misconfigured(f"{file} cannot be written: {trouble.strerror}") from trouble

"""A Debian package and the libraries it needs, unpacked into a folder and run from there.

Nothing is installed: `apt` works in folders of its own, with the machine's own sources moved to
the release that has the package, and the program is started through the unpacked loader with the
unpacked libraries (https://man7.org/linux/man-pages/man8/ld.so.8.html). Signatures are checked as
for any other package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RELEASE = "trixie"
TOOLS = ("apt-get", "apt-cache", "dpkg-deb")
SECONDS = {"update": 60, "depends": 30, "download": 90, "unpack": 60}

# What a program needs at run time and nothing that only configures a whole machine.
ONLY_NEEDED = tuple(
    f"--no-{kind}"
    for kind in (
        "recommends",
        "suggests",
        "conflicts",
        "breaks",
        "replaces",
        "enhances",
        "pre-depends",
    )
)


class CannotBeHad(Exception):
    """The program cannot be had on this machine; the message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Program:
    """An unpacked program: `command` starts it from wherever its folder lies."""

    command: tuple[str, ...]
    version: str


def program(package: str, binary: str, libraries: Sequence[str]) -> Program:
    """The package's `binary`, fetched once and kept in the user's cache.

    `libraries` are the packages whose closure the binary is linked with. Raises `CannotBeHad`.
    """
    home = _cache() / f"{package}-{RELEASE}"
    if not (home / "version").exists():
        _fetch(package, libraries, home)
    loaders = sorted(home.glob("usr/lib/*/ld-linux*.so.*"))
    if not loaders or not (home / binary).exists():
        raise CannotBeHad(f"{home} is incomplete; remove it and try again")
    loader = loaders[0]
    return Program(
        command=(str(loader), "--library-path", str(loader.parent), str(home / binary)),
        version=(home / "version").read_text(encoding="utf-8").strip(),
    )


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "helpdesk-bridge"


def _fetch(package: str, libraries: Sequence[str], home: Path) -> None:
    """Into a folder beside `home` first: what is half unpacked is never taken for whole."""
    for tool in TOOLS:
        if shutil.which(tool) is None:
            raise CannotBeHad(f"{package} comes from Debian and this machine has no {tool}")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{package}-") as folder:
        work = Path(folder)
        environment = _private_apt(work)
        complaint = _update(environment)
        names = (package, *_closure(libraries, environment))
        downloads = work / "downloads"
        downloads.mkdir()
        answer = _run(
            ("apt-get", "download", "-qq", *names), SECONDS["download"], environment, downloads
        )
        if answer.returncode != 0:
            raise CannotBeHad(
                f"{package} could not be downloaded: {_last_line(answer.stderr or complaint)}"
            )
        root = work / "root"
        root.mkdir()
        for deb in sorted(downloads.glob("*.deb")):
            unpacked = _run(("dpkg-deb", "-x", str(deb), str(root)), SECONDS["unpack"], environment)
            if unpacked.returncode != 0:
                raise CannotBeHad(f"{deb.name} is damaged: {_last_line(unpacked.stderr)}")
        deb = next(downloads.glob(f"{package}_*.deb"))
        (root / "version").write_text(deb.name.split("_")[1], encoding="utf-8")
        try:
            root.rename(home)
        except OSError as error:
            # Another test run was faster; what it left is as good as ours.
            if not (home / "version").exists():
                raise CannotBeHad(f"{home} cannot be written: {error}") from error


def _private_apt(work: Path) -> dict[str, str]:
    """An `apt` that sees the machine's own sources one release on, and no installed package."""
    for folder in ("state/lists/partial", "cache/archives/partial", "sources", "preferences"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    if not _derive_sources(work / "sources"):
        raise CannotBeHad(f"this machine has no sources of Debian to find {RELEASE} by")
    configuration = work / "apt.conf"
    configuration.write_text(
        "\n".join(
            f'{name} "{value}";'
            for name, value in (
                ("Dir::State", work / "state"),
                ("Dir::State::status", work / "status"),
                ("Dir::Cache", work / "cache"),
                ("Dir::Etc::sourcelist", "/dev/null"),
                ("Dir::Etc::sourceparts", work / "sources"),
                ("Dir::Etc::preferences", "/dev/null"),
                ("Dir::Etc::preferencesparts", work / "preferences"),
                ("APT::Sandbox::User", "root"),
                ("Acquire::Languages", "none"),
                ("Acquire::Retries", "1"),
                ("Acquire::http::Timeout", "20"),
                ("Acquire::https::Timeout", "20"),
            )
        ),
        encoding="utf-8",
    )
    return {**os.environ, "APT_CONFIG": str(configuration), "LC_ALL": "C"}


def _derive_sources(into: Path) -> int:
    """Copies of the machine's sources with the release's name replaced; how many there were."""
    own = _os_release()
    codename = own.get("VERSION_CODENAME", "")
    if own.get("ID") != "debian" or not codename:
        raise CannotBeHad(f"this machine is not Debian, so {RELEASE} is not within its sources")
    etc = Path("/etc/apt")
    found = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    written = 0
    for source in found:
        if source.suffix not in (".list", ".sources") or not source.is_file():
            continue
        text = source.read_text(encoding="utf-8")
        moved = re.sub(rf"\b{re.escape(codename)}\b", RELEASE, text)
        if re.search(rf"\b{RELEASE}\b", moved):
            (into / source.name).write_text(moved, encoding="utf-8")
            written += 1
    return written


def _os_release() -> dict[str, str]:
    path = Path("/etc/os-release")
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {pair[0]: pair[1].strip('"') for pair in pairs if len(pair) == 2}


def _update(environment: Mapping[str, str]) -> str:
    """What `apt` complained of. One dead source among several is no reason to give up yet."""
    answer = _run(("apt-get", "update", "-qq"), SECONDS["update"], environment)
    return answer.stderr


def _closure(libraries: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    answer = _run(
        ("apt-cache", "depends", "--recurse", *ONLY_NEEDED, *libraries),
        SECONDS["depends"],
        environment,
    )
    # Packages stand at the margin; `<name>` is a virtual one, there is nothing to fetch.
    names = {line for line in answer.stdout.splitlines() if re.match(r"[a-z0-9]", line)}
    missing = sorted(set(libraries) - names)
    if missing:
        raise CannotBeHad(
            f"Debian {RELEASE} cannot be read from here (no network?): {missing[0]} is unknown"
        )
    return tuple(sorted(names))


def _run(
    command: Sequence[str],
    seconds: float,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=environment,
            cwd=folder,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotBeHad(f"`{command[0]} {command[1]}` took over {seconds:.0f} s") from error


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"

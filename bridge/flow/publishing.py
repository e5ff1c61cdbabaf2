"""Publishing a mapping: checked as a whole, upon the revision that its author has seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.channels import registry
from bridge.environment import environment
from bridge.errors import Misconfigured
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, mappings
from bridge.ledger.mappings import Origin, Overtaken, Revision
from bridge.mapping import Files, Mapping, load_files

__all__ = ["Overtaken", "Published", "checked", "files_of", "live_files", "publish", "roll_back"]


@dataclass(frozen=True, slots=True)
class Published:
    """`is_new` is False where the live revision says just this: nothing was published."""

    number: int
    is_new: bool
    at: datetime


def checked(bridge: Bridge, files: Files) -> Mapping:
    """What the files mean here, with the secrets of this process and those in the ledger.

    Raises `MappingError` with every mistake, `Misconfigured`, and `Unreachable` while the ledger
    cannot be asked for a secret.
    """
    known = environment(bridge.environ, bridge.settings, bridge.ledger)
    return load_files(files, registry.installed(), known)


def publish(
    bridge: Bridge,
    files: Files,
    *,
    author: str,
    comment: str = "",
    base: int | None,
    origin: Origin = Origin.CONSOLE,
) -> Published:
    """Make it the live one. Running processes take it up by themselves, in a few seconds.

    `base` is the number of the live revision that the author has seen, 0 for none; None
    overwrites what nobody looked at. Raises `Overtaken` when another one is live by now, and as
    `checked` does.
    """
    mapping = checked(bridge, files)
    with bridge.ledger.writing() as tx:
        return put(tx, mapping, author=author, comment=comment, base=base, origin=origin)


def put(
    tx: Tx, mapping: Mapping, *, author: str, comment: str, base: int | None, origin: Origin
) -> Published:
    """The same in a transaction of the caller's, for a mapping that was checked."""
    before = mappings.latest_number(tx)
    number = mappings.publish(
        tx,
        mapping.digest,
        mapping.text,
        files=mapping.files,
        origin=origin,
        author=author,
        comment=comment,
        base=base,
    )
    return Published(number, is_new=number > before, at=tx.now)


def roll_back(
    bridge: Bridge,
    number: int,
    *,
    author: str,
    comment: str = "",
    base: int | None,
    origin: Origin = Origin.CONSOLE,
) -> Published:
    """What an old revision said, published as a new one. Raises as `publish` does."""
    with bridge.ledger.reading() as tx:
        old = mappings.one(tx, number)
    if old is None:
        raise Misconfigured(f"there is no revision {number} of the mapping")
    said = comment or f"back to revision {number}"
    return publish(bridge, files_of(old), author=author, comment=said, base=base, origin=origin)


def live_files(bridge: Bridge) -> tuple[int, Files]:
    """The live revision's number and files; those this process runs on where none is published."""
    with bridge.ledger.reading() as tx:
        latest = mappings.latest(tx)
    if latest is None:
        return 0, bridge.mapping.files
    return latest.number, files_of(latest)


def files_of(revision: Revision) -> Files:
    """An older release kept one text alone; it is shown, and tried, as one file."""
    return revision.files or (("mapping.yaml", revision.text),)

"""Which mapping holds: the ledger's latest revision, or files that are newer than it.

As long as nobody publishes but by starting a process, the files decide at every start. Once
somebody has published otherwise, files decide only where they were changed after that was seen
(`bridge mapping pull`, `bridge mapping apply`): what they have not seen they do not overwrite.
"""

from __future__ import annotations

from collections.abc import Mapping as Environ
from dataclasses import replace
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.channels import registry
from bridge.errors import Misconfigured
from bridge.ledger import Ledger, Tx, mappings
from bridge.ledger.mappings import Revision, named
from bridge.mapping import Mapping, MappingError, load, load_files
from bridge.mapping.folder import Local, local
from bridge.settings import Settings

log = structlog.get_logger()


class Unusable(Misconfigured):
    """What is live does not hold in this process."""


def choose(
    settings: Settings, known: Environ[str, str], ledger: Ledger, *, live: bool = False
) -> Mapping:
    """Files or the latest revision (which is numbered). `known` is where `env:NAME` leads.

    While the database cannot be asked, or is not of this release yet, the files count: nothing is
    done without it anyway. Raises `MappingError` for the files, `Unusable` for what is live.
    """
    path = Path(settings.mappings)
    here = local(path)
    try:
        with ledger.reading() as tx:
            latest = mappings.latest(tx)
            news = latest is None or (not live and _is_news(tx, latest, here))
            unknown = not news and not live and not _is_known(tx, here)
    except (DBAPIError, PoolTimeout, OSError) as trouble:
        log.warning("the live mapping cannot be looked at", error=type(trouble).__name__)
        latest, news, unknown = None, True, False
    if latest is None or news or not latest.files:
        return load(path, registry.installed(), known)
    if unknown:
        log.warning(
            "the mapping's files are not used: another revision is live",
            live=latest.number,
            by=named(latest),
            do="`bridge mapping diff` shows both; `bridge mapping pull --force` writes the live "
            f"one over the files, `bridge mapping apply --over {latest.number}` publishes them",
        )
    return usable(latest, known)


def usable(revision: Revision, known: Environ[str, str]) -> Mapping:
    """The mapping of a revision, with its number. Raises `Unusable`."""
    try:
        mapping = load_files(revision.files, registry.installed(), known)
    except MappingError as wrong:
        comment = f': "{revision.comment}"' if revision.comment else ""
        problems = "; ".join(map(str, wrong.problems))
        raise Unusable(
            f"revision {revision.number} of the mapping, which is live (by {named(revision)}"
            f"{comment}), cannot be used here; {problems}; set what is missing, or publish "
            f"another one: `bridge mapping rollback {max(revision.number - 1, 1)}`, or "
            "`bridge mapping apply`"
        ) from wrong
    return replace(mapping, number=revision.number)


def is_overtaken(tx: Tx, mapping: Mapping, path: Path) -> bool:
    """Whether a mapping that was read from the files must not be published: somebody has published
    what they have not seen. It is asked again because the database may have been away before."""
    latest = mappings.latest(tx)
    if latest is None or not latest.files or latest.digest == mapping.digest:
        return False
    return mappings.is_managed(tx) and not _is_news(tx, latest, local(path))


def _is_news(tx: Tx, latest: Revision, here: Local) -> bool:
    """Whether the files say something that nobody has published over."""
    if here.digest == latest.digest:
        return False
    if not mappings.is_managed(tx):
        return True
    changed = here.digest not in ("", here.seen.digest)
    return changed and not mappings.is_managed(tx, here.seen.number)


def _is_known(tx: Tx, here: Local) -> bool:
    """Whether the files hold nothing that would be missed."""
    return not here.digest or mappings.has_digest(tx, here.digest)

"""The admins' rules: which account, which ticket, and why.

`load` reads and checks a file or a folder, `load_files` what a console or the ledger holds; the
`Mapping` that they return answers every question that the rest of the bridge has. The reference
for admins is docs/mapping.md.
"""

from bridge.mapping.model import (
    Account,
    AfterClosing,
    Considered,
    ErasedAt,
    Files,
    Handover,
    MappingError,
    MediaPolicy,
    OpsPolicy,
    Per,
    Problem,
    Removed,
    Route,
    Skip,
    ThreadPolicy,
    WhenTooLong,
)
from bridge.mapping.published import Mapping
from bridge.mapping.reading import load, load_files
from bridge.mapping.storms import Storm

__all__ = [
    "Account",
    "AfterClosing",
    "Considered",
    "ErasedAt",
    "Files",
    "Handover",
    "Mapping",
    "MappingError",
    "MediaPolicy",
    "OpsPolicy",
    "Per",
    "Problem",
    "Removed",
    "Route",
    "Skip",
    "Storm",
    "ThreadPolicy",
    "WhenTooLong",
    "load",
    "load_files",
]

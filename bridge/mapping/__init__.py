"""The admins' rules: which account, which ticket, and why.

`load` reads and checks a file or a folder; the `Mapping` it returns answers every question that
the rest of the bridge has. The reference for admins is docs/mapping.md.
"""

from bridge.mapping.model import (
    Account,
    AfterClosing,
    Considered,
    ErasedAt,
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
from bridge.mapping.reading import load

__all__ = [
    "Account",
    "AfterClosing",
    "Considered",
    "ErasedAt",
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
    "ThreadPolicy",
    "WhenTooLong",
    "load",
]

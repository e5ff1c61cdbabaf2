"""The stand-in networks that the story can be played on: one module each, named as the network.

A module has `opened()`, a context manager that gives a `Scenery`. Nothing else knows a network by
its name.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.sandbox.scenery.scene import Scenery

DEFAULT = "mastodon"
NETWORKS = (DEFAULT, "facebook", "instagram", "messenger", "site", "whatsapp", "x")


def opened(network: str) -> AbstractContextManager[Scenery]:
    """One of `NETWORKS`, answering on this machine."""
    module = import_module(f"{__name__}.{network}")
    found: AbstractContextManager[Scenery] = module.opened()
    return found

"""The channel for X: `channel` is what the bridge sees, the rest is how it is done."""

from bridge.channels.x.channel import X
from bridge.channels.x.options import XOptions

__all__ = ["X", "XOptions"]

"""What a mapping says about a Page's Messenger."""

from __future__ import annotations

from bridge.channels.meta.options import PageOptions


class MessengerOptions(PageOptions):
    """A Page's, and nothing more."""

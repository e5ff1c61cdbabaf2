"""The Instagram channel: comments, mentions and direct messages, with either of two sign-ins."""

from bridge.channels.instagram.channel import Instagram
from bridge.channels.instagram.options import InstagramOptions

__all__ = ["Instagram", "InstagramOptions"]

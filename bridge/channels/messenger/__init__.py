"""The Messenger channel: a Facebook Page's private messages, and nothing else of it."""

from bridge.channels.messenger.channel import Messenger
from bridge.channels.messenger.options import MessengerOptions

__all__ = ["Messenger", "MessengerOptions"]

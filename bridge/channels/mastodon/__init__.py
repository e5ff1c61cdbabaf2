"""The Mastodon channel: `channel` is what the bridge sees, the rest is how it is done."""

from bridge.channels.mastodon.channel import Mastodon
from bridge.channels.mastodon.options import MastodonOptions

__all__ = ["Mastodon", "MastodonOptions"]

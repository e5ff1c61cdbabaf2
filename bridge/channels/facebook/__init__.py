"""The Facebook channel: what people say to a Page, in public and in private."""

from bridge.channels.facebook.channel import Facebook
from bridge.channels.facebook.options import FacebookOptions

__all__ = ["Facebook", "FacebookOptions"]

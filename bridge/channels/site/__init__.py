"""The brand's own website or app, over signed webhooks in both directions."""

from bridge.channels.site.channel import Site
from bridge.channels.site.options import SiteOptions

__all__ = ["Site", "SiteOptions"]

"""What a mapping says about a Facebook Page."""

from __future__ import annotations

from marshmallow import fields

from bridge.channels.meta.options import PageOptions


class FacebookOptions(PageOptions):
    """`messenger: false` leaves the Page's private messages to another account, or to nobody."""

    messenger = fields.Boolean(load_default=True)

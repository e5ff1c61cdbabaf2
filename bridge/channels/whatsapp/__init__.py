"""WhatsApp's Cloud API: `channel` is what the bridge sees, the rest is how it is done."""

from bridge.channels.whatsapp.channel import WhatsApp
from bridge.channels.whatsapp.options import WhatsAppOptions

__all__ = ["WhatsApp", "WhatsAppOptions"]

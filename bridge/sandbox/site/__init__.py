"""A stand-in for the brand's own website: customers write on it, and read the answers there.

website = new_website(utcnow, secret, reply_secret)
with serve(create_app(website)) as running:
    website.opens(running.url, "http://127.0.0.1:8000/hooks/site/shop")
"""

from bridge.sandbox.site.app import REPLIES, create_app
from bridge.sandbox.site.courier import Courier, Delivery
from bridge.sandbox.site.website import Customer, Message, Website, new_website

__all__ = [
    "REPLIES",
    "Courier",
    "Customer",
    "Delivery",
    "Message",
    "Website",
    "create_app",
    "new_website",
]

"""A town to show: the brand on every network, and a few customers, each good for one story."""

from __future__ import annotations

from bridge.model import Clock
from bridge.sandbox.meta.faults import GraphFaults
from bridge.sandbox.meta.town import Town

BRAND = "Acme"


def village(clock: Clock, faults: GraphFaults | None = None) -> Town:
    """A Page with Messenger and an Instagram account linked to it, one with Instagram's own login,
    and a WhatsApp number. Ada has a phone number, Ben one and a user name, Chloé only a user name.
    """
    town = Town(clock, faults)
    page = town.page(BRAND)
    town.instagram("acme", BRAND, page=page)
    town.instagram("acme.studio", f"{BRAND} Studio")
    town.whatsapp(BRAND).template("order_news", "There is news of your order: {{1}}")
    town.person("ada", "Ada Lovelace", phone="16505551234", followers=128)
    town.person(
        "ben",
        "Ben Okri",
        username="ben.okri",
        phone="4915112345678",
        bsuid="DE.1",
        followers=48_200,
    )
    town.person("chloe", "Chloé Durand", username="chloe.d", bsuid="FR.2", followers=910)
    return town

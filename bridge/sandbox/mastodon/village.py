"""A town to show: the brand, and a few customers who each are good for one story."""

from __future__ import annotations

from bridge.model import Clock
from bridge.sandbox.mastodon.posts import Limits
from bridge.sandbox.mastodon.town import Town


def village(
    clock: Clock,
    *,
    brand: str = "bridge",
    limits: Limits | None = None,
    domain: str = "sandbox.example",
) -> Town:
    """Ada lives next door, Ben on another server with many followers, Chloé writes French, Dora's
    posts take no replies, Emil is easy to make block the brand from the page."""
    town = Town(clock, brand=brand, limits=limits, domain=domain)
    town.person(brand, "Acme Support", followers=4_210, language="en")
    town.person("ada", "Ada Lovelace", followers=128, language="en")
    town.person("ben@elsewhere.example", "Ben Okri", followers=48_200, language="en")
    town.person("chloe", "Chloé Durand", followers=910, language="fr")
    town.person("dora", "Dora (replies off)", followers=77, language="en", refuses_replies=True)
    town.person("emil@norden.example", "Emil Åberg", followers=12, language="de")
    return town

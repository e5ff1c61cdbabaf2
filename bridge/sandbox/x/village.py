"""A town to show: the brand, and a few customers who each are good for one story."""

from __future__ import annotations

from bridge.model import Clock
from bridge.sandbox.x.people import App
from bridge.sandbox.x.posts import Rules
from bridge.sandbox.x.town import Town


def village(
    clock: Clock,
    *,
    brand: str = "acme",
    app: App | None = None,
    rules: Rules | None = None,
    credit: int | None = None,
) -> Town:
    """Ada is an ordinary customer, Ben has many followers, Chloe writes French, Dora takes no
    messages from strangers, Emil has moved to encrypted chats, Fay's posts are protected."""
    town = Town(clock, brand=brand, app=app, rules=rules, credit=credit)
    town.person(brand, "Acme Support", followers=4_210, bio="We help. Ask @acme.")
    town.person("ada", "Ada Lovelace", followers=128)
    town.person("ben", "Ben Okri", followers=48_200, location="Lagos")
    town.person("chloe", "Chloé Durand", followers=910, language="fr")
    town.person("dora", "Dora Marsden", followers=77, receives_dms=False)
    town.person("emil", "Emil Åberg", followers=12, language="de", chats=True)
    town.person("fay", "Fay Weldon", followers=40, protected=True)
    return town

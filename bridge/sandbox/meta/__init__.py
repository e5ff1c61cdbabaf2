"""A stand-in for Meta's Graph API, good enough to develop and test against.

town = Town(utcnow)
with serve(create_app(town)) as running:
    town.url = running.url
    requests.get(running.url + "/v25.0/me", params={"access_token": town.token_for(page)})
"""

from bridge.sandbox.meta.app import create_app
from bridge.sandbox.meta.faults import GraphFaults
from bridge.sandbox.meta.town import Town
from bridge.sandbox.meta.village import village

__all__ = ["GraphFaults", "Town", "create_app", "village"]

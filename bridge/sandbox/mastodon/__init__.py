"""A stand-in for a server of the Mastodon network, good enough to develop and test against.

town = village(utcnow)
with serve(create_app(town, new_faults())) as running:
    requests.get(running.url + "/api/v2/instance")
"""

from bridge.sandbox.mastodon.app import create_app
from bridge.sandbox.mastodon.gate import ODDITIES, new_faults
from bridge.sandbox.mastodon.people import Person, Policy, Refusal, Verdict
from bridge.sandbox.mastodon.posts import Limits, Reach, Status
from bridge.sandbox.mastodon.town import Town
from bridge.sandbox.mastodon.village import village

__all__ = [
    "ODDITIES",
    "Limits",
    "Person",
    "Policy",
    "Reach",
    "Refusal",
    "Status",
    "Town",
    "Verdict",
    "create_app",
    "new_faults",
    "village",
]

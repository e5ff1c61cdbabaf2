"""A stand-in for X, good enough to develop and test against.

town = village(utcnow)
with serve(create_app(town, new_faults())) as running:
    town.address = running.url
    town.post("ada", "my order is late", mention="acme")
    town.deliver()
"""

from bridge.sandbox.x.app import create_app
from bridge.sandbox.x.gate import ODDITIES, new_faults
from bridge.sandbox.x.hooks import Delivery
from bridge.sandbox.x.people import App, Grant, Pair, Person, Refusal
from bridge.sandbox.x.posts import Message, Post, Rules
from bridge.sandbox.x.town import Town
from bridge.sandbox.x.village import village

__all__ = [
    "ODDITIES",
    "App",
    "Delivery",
    "Grant",
    "Message",
    "Pair",
    "Person",
    "Post",
    "Refusal",
    "Rules",
    "Town",
    "create_app",
    "new_faults",
    "village",
]

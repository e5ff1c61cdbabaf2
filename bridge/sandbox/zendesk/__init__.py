"""A stand-in for Zendesk: the part of its API that a bridge uses, and a page to be the agent on.

Stateful, in memory, on an injected clock. It is not Zendesk and says so on every page.
"""

from bridge.sandbox.zendesk.app import create_app, open_zendesk
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.limits import Limits

__all__ = ["Desk", "Limits", "create_app", "open_zendesk"]

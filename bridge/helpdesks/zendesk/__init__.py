"""Zendesk Support as a helpdesk."""

from bridge.helpdesks.zendesk.desk import Zendesk
from bridge.helpdesks.zendesk.faults import KeyTaken
from bridge.tokens import StoredToken, TokenStore

__all__ = ["KeyTaken", "StoredToken", "TokenStore", "Zendesk"]

"""Zoho CRM: contacts, and three custom modules for profiles, conversations and messages."""

from bridge.connectors.zoho.connector import Zoho

__all__ = ["Zoho"]

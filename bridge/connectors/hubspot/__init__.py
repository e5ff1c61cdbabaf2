"""HubSpot: what was said becomes messages of a custom channel, in the inbox of the CRM."""

from bridge.connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]

"""Dynamics 365: social profiles and social activities, beside the contacts they belong to."""

from bridge.connectors.dynamics.connector import Dynamics

__all__ = ["Dynamics"]

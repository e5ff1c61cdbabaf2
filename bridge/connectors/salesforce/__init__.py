"""Salesforce: the customer history in four custom objects, which point at one another."""

from bridge.connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]

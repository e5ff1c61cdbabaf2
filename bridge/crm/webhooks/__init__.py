"""Webhooks out: endpoints are told of each change of the customer history, signed, and retried."""

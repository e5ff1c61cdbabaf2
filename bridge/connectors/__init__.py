"""Connectors: the customer history, kept up in a CRM. Each reads the change feed as any client
would, over HTTP with a token."""

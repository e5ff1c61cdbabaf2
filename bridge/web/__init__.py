"""Thin: hooks in, helpdesk in, health, metrics."""

"""Thin: hooks in, helpdesk in, health, metrics. Nothing here does work; it keeps what arrives."""

from bridge.web.app import create_app

__all__ = ["create_app"]

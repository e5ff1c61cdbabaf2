"""The page where a newcomer begins: where everything is, and what to try."""

from bridge.sandbox.welcome.app import Places, create_app

__all__ = ["Places", "create_app"]

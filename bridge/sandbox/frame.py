"""What the pages of all stand-in networks have in common: who may post to them, and portraits."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from markupsafe import escape

COLOURS = ("#7a4fd0", "#0b7285", "#b3541e", "#2b7a3d", "#a3315f", "#3451b2")


def guard(pages: Blueprint, refusal: Callable[[str], Exception]) -> None:
    """Another website open in the same browser cannot post here, nor frame or script a page.

    `refusal` makes the exception that is raised, from its words.
    """

    @pages.before_request
    def same_site() -> None:
        origin = request.headers.get("Origin", "")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
            raise refusal("Posting from another site is not allowed")

    @pages.after_request
    def keep_to_ourselves(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response


def portrait(name: str, key: str) -> Response:
    """A letter on a colour; both are "" for somebody nobody knows."""
    colour = COLOURS[sum(map(ord, key)) % len(COLOURS)] if key else "#777"
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">'
        f'<rect width="48" height="48" rx="12" fill="{colour}"/><text x="24" y="32" '
        'text-anchor="middle" font-family="sans-serif" font-size="24" fill="#fff">'
        f"{escape(name[:1].upper() or '?')}</text></svg>"
    )
    return Response(drawing, content_type="image/svg+xml")

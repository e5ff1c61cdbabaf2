"""The web service while mappings are published: each request is answered by the app of the live
one, which is built aside and then put in the other's place.

Sessions, drafts and deliveries live in the database, so nothing is lost with the app before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING

from flask import Flask

from bridge.flow.bridge import Bridge
from bridge.taking_up import EVERY, Live
from bridge.web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FILES = "/console/static/"
_PUBLISHES = "/console/"


class Reloading:
    """A WSGI application. It looks at most every two seconds, and again after anything was done on
    the console: who has just published sees it at once."""

    def __init__(
        self,
        bridge: Bridge,
        build: Callable[[Bridge], Flask] = create_app,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._build = build
        self._seconds = seconds
        self._looked = seconds()
        self.app = build(bridge)
        self.live = Live(bridge, self._taken_up)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(_FILES) and self._seconds() - self._looked >= EVERY:
            self._looked = self._seconds()
            self.live.look()
        answer = self.app(environ, start_response)
        if environ.get("REQUEST_METHOD") == "POST" and path.startswith(_PUBLISHES):
            self._looked = self._seconds() - EVERY
        return answer

    def _taken_up(self, _before: Bridge, after: Bridge) -> None:
        self.app = self._build(after)

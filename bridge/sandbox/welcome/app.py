"""One page with the addresses of everything that runs, and a walk through all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, render_template
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' {console}"
)
"""The form's answer leads to the console, and browsers ask the policy about that too."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses. `second` is the network whose account nobody has connected yet, `answers` what
    its options are in the form that connects it. `invite` makes a link that signs an admin in for
    the first time: another one each time, because each works once.
    """

    network: str
    customers: str
    desk: str
    console: str
    second: str
    second_page: str
    answers: Mapping[str, str]
    invite: Callable[[], str]


def create_app(places: Places) -> Flask:
    console = "{0.scheme}://{0.netloc}".format(urlsplit(places.console))
    app = Flask(__name__, static_folder="static", static_url_path="/static")

    @app.get("/")
    def page() -> str:
        return render_template("sandbox_welcome/page.html", places=places)

    @app.post("/sign-in")
    def sign_in() -> BaseResponse:
        return redirect(places.invite(), 303)

    @app.after_request
    def guarded(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY.format(console=console)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        says = "There is nothing here." if isinstance(error, NotFound) else error.name
        return says, error.code or 500

    return app

"""What every page of the console stands in: its address, its look, its guards, its words.

A page is a module with `pages(frame)`, which registers its views:

    def pages(frame: Frame) -> None:
        @frame.get("/accounts")
        def accounts() -> Response:
            return frame.page("accounts.html", title="Accounts", standings=…)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, NotFound

from bridge.errors import BridgeError
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, deeds
from bridge.ledger.admins import Admin
from bridge.web.console import doorman, saying, shown

log = structlog.get_logger()

NAV = (
    ("Overview", "/console/"),
    ("Conversations", "/console/conversations"),
    ("Customers", "/console/customers"),
    ("Waiting", "/console/waiting"),
    ("Storms", "/console/storms"),
    ("Mapping", "/console/mapping"),
    ("Accounts", "/console/accounts"),
    ("Numbers", "/console/numbers"),
    ("Webhooks", "/console/webhooks"),
    ("Tokens", "/console/tokens"),
    ("CRM", "/console/crm"),
    ("Admins", "/console/admins"),
    ("Audit", "/console/audit"),
)
"""Name and address, in this order."""

MOST_BODY = 2 * 1024 * 1024
A_YEAR = 365 * 24 * 3600
_STATIC = Path(__file__).parent / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    # With "no-referrer" browsers send no origin with our own forms
    # (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAYS = {
    404: "There is no such page, or no longer.",
    405: "This address is not asked that way.",
    413: "That is more than this page takes.",
    500: "Something went wrong here; it has been written down.",
}
DATABASE_TROUBLE = (DBAPIError, PoolTimeout)
UNKEEPABLE = (DataError, OverflowError)
"""What databases and their drivers say to endless numbers and NUL characters of an address."""

View = Callable[..., Any]


class _Console(Blueprint):
    def get_send_file_max_age(self, _filename: str | None) -> int:
        return A_YEAR  # addresses of static files carry their content's hash


class Frame:
    """One per app. `admin` is whoever asks; only `public` views are ever without one."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self._public = {"console.static", "console.nowhere"}
        self.blueprint = _Console(
            "console",
            __package__ or "",
            url_prefix="/console",
            template_folder="templates",
            static_folder="static",
            static_url_path="/static",
        )
        self._install()

    # -------------------------------------------------------------- for pages

    def get(self, rule: str, *, public: bool = False) -> Callable[[View], View]:
        """A page at /console`rule`; the view's name is its endpoint, "console.<name>"."""
        return self._route(rule, "GET", public)

    def post(self, rule: str, *, public: bool = False) -> Callable[[View], View]:
        """Something that is done, by a form with `{{ csrf_field() }}`; answer with `to`."""
        return self._route(rule, "POST", public)

    @property
    def admin(self) -> Admin:
        """Whoever is signed in."""
        found: Admin = g.admin
        assert found is not None, "this view is public"
        return found

    def page(self, template: str, *, title: str, status: int = 200, **more: Any) -> Response:
        """A template of `templates/console/`, with whatever it shows."""
        html = render_template(f"console/{template}", title=title, **more)
        sent = html.encode("utf-8", "replace")  # what networks send may hold half surrogates
        return Response(sent, status=status, content_type="text/html; charset=utf-8")

    def to(self, endpoint: str, **values: Any) -> Response:
        """After a POST: see this page (an endpoint without "console.")."""
        answer = redirect(url_for(f"console.{endpoint}", **values), 303)
        assert isinstance(answer, Response)
        return answer

    def say(self, text: str, tone: str = "good") -> None:
        """Shown once, at the top of the next page. `tone`: good, bad or note. No customer's words:
        it travels in a cookie."""
        saying.say(text, tone)

    def deed(self, tx: Tx, what: str, about: str = "", detail: str = "") -> None:
        """Put down that the admin who asks did this, in the transaction that does it."""
        deeds.add(tx, self.admin.name, what, about, detail)

    # -------------------------------------------------------------- how it holds together

    def _route(self, rule: str, method: str, public: bool) -> Callable[[View], View]:
        def registered(view: View) -> View:
            if public:
                self._public.add(f"console.{view.__name__}")
            self.blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
            return view

        return registered

    def _install(self) -> None:
        self.blueprint.before_request(self._before)
        self.blueprint.after_request(self._after)
        self.blueprint.context_processor(self._context)
        self.blueprint.add_app_template_filter(shown.when, "when")
        self.blueprint.add_app_template_filter(shown.ago, "ago")
        self.blueprint.register_error_handler(HTTPException, self._http)
        self.blueprint.register_error_handler(BridgeError, self._ours)
        self.blueprint.register_error_handler(Exception, self._defect)
        # Below everything else: what no page answers to is a page as well.
        for rule in ("/<path:anything>", "/"):
            methods = ["GET", "POST"] if rule != "/" else ["POST"]
            self.blueprint.add_url_rule(rule, "nowhere", _nowhere, methods=methods)

    def _before(self) -> Response | None:
        request.max_content_length = request.max_form_memory_size = MOST_BODY
        if request.endpoint == "console.static":
            return None
        return doorman.admit(self.bridge, frozenset(self._public))

    def _after(self, answer: Response) -> Response:
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        if request.endpoint != "console.static":
            doorman.begin_visit(self.bridge.settings, answer)
            saying.carry(self.bridge.settings, answer)
        return answer

    def _context(self) -> dict[str, Any]:
        settings = self.bridge.settings
        here = max((way for _, way in NAV if _is_below(request.path, way)), key=len, default="")
        return {
            "admin": g.get("admin"),
            "nav": [(name, way, way == here) for name, way in NAV],
            "asset": asset,
            "csrf": lambda: doorman.csrf_token(settings),
            "csrf_field": lambda: _FIELD.format(doorman.csrf_token(settings)),
            "said": lambda: saying.said(settings),
            "now": self.bridge.clock(),
        }

    # -------------------------------------------------------------- what goes wrong, as a page

    def _wrong(self, status: int, says: str) -> Response:
        title = _TITLES.get(status, "Not done")
        answer = self.page("wrong.html", title=title, says=says, status=status)
        if request.headers.get("HX-Request"):
            answer.headers["HX-Retarget"] = answer.headers["HX-Reselect"] = "main"
            answer.headers["HX-Reswap"] = "outerHTML"
        return answer

    def _http(self, error: HTTPException) -> Response:
        code = error.code or 500
        if code < 400:
            return Response(headers=error.get_headers(), status=code)
        own_words = "description" in vars(error) and error.description
        answer = self._wrong(code, own_words or _SAYS.get(code, error.name))
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                answer.headers[name] = value
        return answer

    def _ours(self, error: BridgeError) -> Response:
        log.error("a page could not be shown", because=error.because)
        return self._wrong(503, f"This cannot be shown just now: {error.because}")

    def _defect(self, error: Exception) -> Response:
        if isinstance(error, UNKEEPABLE):
            log.warning("asked for what no row can have", error=type(error).__name__)
            return self._wrong(404, _SAYS[404])
        if isinstance(error, DATABASE_TROUBLE):
            log.error("the database does not answer", error=type(error).__name__)
            return self._wrong(503, "The database does not answer. Try again in a moment.")
        log.exception("defect in a page")
        return self._wrong(500, _SAYS[500])


_TITLES = {
    401: "Signed out",
    403: "Refused",
    404: "Not found",
    429: "Too many tries",
    500: "Went wrong",
    503: "Not just now",
}


def _nowhere(anything: str = "") -> Response:
    raise NotFound


def _is_below(path: str, way: str) -> bool:
    return path == way or (way != "/console/" and path.startswith(f"{way}/"))


def asset(name: str) -> str:
    """The address of a static file: another one for every content, so that it may be kept."""
    told = _ASSETS.get(name)
    if told is None:
        told = _ASSETS[name] = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
    return url_for("console.static", filename=name, v=told)


_FIELD = Markup('<input type="hidden" name="csrf" value="{}">')
_ASSETS: dict[str, str] = {}

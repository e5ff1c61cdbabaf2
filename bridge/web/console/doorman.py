"""Who asks, and whether the request was really made on one of our pages.

Every change is a POST with a token that belongs to the session, and comes from our own origin
(https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html).
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote, urlsplit

from flask import Request, Response, g, redirect, request
from werkzeug.exceptions import Forbidden, Unauthorized

from bridge.flow.bridge import Bridge
from bridge.ledger import admins
from bridge.ledger.admins import Admin
from bridge.settings import Settings
from bridge.web.console import cookies

SAFE = ("GET", "HEAD", "OPTIONS")
STALE = "This page is too old, or was opened in another sign-in. Go back, reload it, try again."


def admit(bridge: Bridge, public: frozenset[str]) -> Response | None:
    """Who is signed in, in `g.admin`; a way to the sign-in for everybody else. `public` are the
    endpoints that need nobody. Raises `Forbidden` for a request that another website made."""
    g.admin = _signed_in(bridge)
    if request.method not in SAFE:
        _require_ours(bridge.settings)
    if g.admin is not None or request.endpoint in public:
        return None
    if request.method not in SAFE:
        raise Unauthorized("You are signed out. Sign in, and do it once more.")
    here = request.full_path.rstrip("?")
    way = f"/console/sign-in?next={quote(here, safe='/')}"
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": way})
    answer = redirect(way, 303)
    assert isinstance(answer, Response)
    return answer


def _signed_in(bridge: Bridge) -> Admin | None:
    token = cookies.token_in(bridge.settings, request, cookies.SESSION)
    if not token:
        return None
    told = admins.digest(token)
    with bridge.ledger.reading() as tx:
        found = admins.signed_in(tx, told)
        now = tx.now
    if found is None:
        return None
    admin, seen_at = found
    if now - seen_at >= admins.SEEN_EVERY:
        with bridge.ledger.writing() as tx:
            admins.seen(tx, told)
    return admin


# ------------------------------------------------------------------ requests of other websites


def csrf_token(settings: Settings) -> str:
    """Belongs to the session; before the sign-in, to the visit, which begins here."""
    token = cookies.token_in(settings, request, cookies.SESSION) if g.get("admin") else ""
    token = token or cookies.token_in(settings, request, cookies.VISIT) or g.get("visit", "")
    if not token:
        g.visit = token = cookies.new_token()
    return _csrf_of(token)


def _csrf_of(token: str) -> str:
    return hmac.new(token.encode(), b"bridge console csrf", hashlib.sha256).hexdigest()


def _require_ours(settings: Settings) -> None:
    if not _is_from_here(settings, request):
        raise Forbidden("This was asked for by another website. Nothing was done.")
    brought = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    kind = cookies.SESSION if g.admin is not None else cookies.VISIT
    token = cookies.token_in(settings, request, kind)
    if not token or not hmac.compare_digest(brought.encode(), _csrf_of(token).encode()):
        raise Forbidden(STALE)


def _is_from_here(settings: Settings, asked: Request) -> bool:
    """Browsers name the origin of every POST; what names none has the token to show."""
    origin = asked.headers.get("Origin")
    if origin is None:
        return asked.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    ours = {urlsplit(settings.public_url).netloc, asked.host} - {""}
    return urlsplit(origin).netloc in ours


def safe_next(path: str) -> str:
    """Where to go after the sign-in: only ever to a page of the console."""
    odd = any(ord(sign) <= 32 or sign == "\\" for sign in path)
    if odd or not path.startswith("/console/") or "//" in path:
        return "/console/"
    return path


def begin_visit(settings: Settings, answer: Response) -> None:
    """A form was shown to somebody who is not signed in: the cookie that its token belongs to."""
    if g.get("visit"):
        cookies.give(settings, answer, cookies.VISIT, g.visit)

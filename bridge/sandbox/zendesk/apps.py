"""The apps of the stand-in helpdesk: one that is installed is shown beside every ticket.

A stand-in for Zendesk's app framework: its page frames the app with the parameters `origin` and
`app_guid` (`static/host.js` speaks the protocol of its SDK), its proxy fills in settings and signs,
and serves only the hosts of the manifest's `domainWhitelist`.
https://developer.zendesk.com/documentation/apps/getting-started/making-api-requests-from-a-zendesk-app/
https://developer.zendesk.com/documentation/apps/app-developer-guide/using-the-apps-framework/
"""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from flask import Blueprint, Response, abort, request, url_for
from joserfc import jwt
from joserfc.jwk import OctKey
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from bridge.helpdesks.zendesk import sidebar
from bridge.outside import new_session

if TYPE_CHECKING:
    from bridge.sandbox.zendesk.desk import Desk

PROXY = "/agent/apps/proxy"
FOLDER = Path(__file__).resolve().parents[3] / "zendesk-app"
"""Where the app is in a checkout; an installed bridge comes without it."""
GUID = "5a0c1f0e-0000-4000-8000-5a4e4d2b0c01"
PATIENCE = 20.0
# The app's own page allows less; pictures of the stand-in networks come from this machine.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src https: http://127.0.0.1:* http://localhost:*; frame-ancestors 'self'; base-uri 'none'"
)
_BLANK = re.compile(r"\{\{\s*(setting|jwt)\.(\w+)\s*\}\}")


class NotProxied(Exception):
    """The proxy does not pass this on; the message says why."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An app as an admin installed it, for one bridge. `folder` is read anew each time."""

    bridge_url: str
    shared_secret: str = field(repr=False)
    folder: Path = FOLDER

    def files(self) -> dict[str, bytes]:
        return sidebar.filled(sidebar.files_of(self.folder), self.bridge_url, "0.0")

    def manifest(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.files()[sidebar.MANIFEST])
        return read

    def settings(self, *, secure: bool) -> dict[str, str]:
        """The settings that only the proxy knows, or those that the app may read."""
        known = {"bridge_url": self.bridge_url, "shared_secret": self.shared_secret}
        return {
            one["name"]: known[one["name"]]
            for one in self.manifest()["parameters"]
            if bool(one.get("secure")) == secure
        }


class SigningSchema(Schema):
    algorithm = fields.String(required=True, validate=validate.Equal("HS256"))
    secret_key = fields.String(required=True)
    expiry = fields.Integer(required=True)
    claims = fields.Dict(required=True)


class AskedSchema(Schema):
    """What an app hands to the framework's `request`, as far as it is known here."""

    class Meta:
        unknown = EXCLUDE

    url = fields.Url(required=True, require_tld=False, schemes={"http", "https"})
    type = fields.String(load_default="GET", validate=validate.OneOf(("GET", "POST", "PUT")))
    data = fields.String(load_default="")
    contentType = fields.String(load_default="application/x-www-form-urlencoded")
    headers = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    secure = fields.Boolean(load_default=False)
    cors = fields.Boolean(load_default=False)
    jwt = fields.Nested(SigningSchema, load_default=None, allow_none=True)


def app_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("apps", __name__)

    @routes.get("/agent/apps/bridge/<name>")
    def asset(name: str) -> Response:
        files = desk.app.files() if desk.app else {}
        content = files.get(f"assets/{name}")
        if content is None:
            abort(404)
        if name.endswith(".html"):
            content = _for_this_machine(content.decode()).encode()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        response = Response(content, content_type=f"{kind}; charset=utf-8")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.post(PROXY)
    def proxy() -> tuple[dict[str, Any], int]:
        origin = request.headers.get("Origin", "")
        if desk.app is None or urlsplit(origin).netloc != request.host:
            abort(403)
        try:
            answer = _passed_on(desk, desk.app, AskedSchema().load(request.get_json()))
        except (NotProxied, ValidationError) as error:
            return {"status": 400, "text": str(error)}, 200
        except requests.RequestException:
            return {"status": 502, "text": "the app's server does not answer"}, 200
        return {"status": answer.status_code, "text": answer.text}, 200

    return routes


def shown_to(desk: Desk) -> dict[str, Any] | None:
    """What the page tells its script about the app, None where none is installed."""
    if desk.app is None:
        return None
    return {
        "guid": GUID,
        "page": url_for("apps.asset", name="iframe.html"),
        "proxy": PROXY,
        "settings": desk.app.settings(secure=False),
        "subdomain": "acme",
        "name": desk.app.manifest()["name"],
    }


def _for_this_machine(page: str) -> str:
    """The app's page with a copy of the framework's script, because here is no internet."""
    mine = url_for("agent.static", filename="zaf_sdk.js")
    page = page.replace(sidebar.SDK, mine).replace(" https://static.zdassets.com", "")
    return page.replace("img-src https:", "img-src https: http://127.0.0.1:* http://localhost:*")


def _passed_on(desk: Desk, app: Installed, asked: dict[str, Any]) -> requests.Response:
    """Zendesk's proxy: fills in, signs, and calls. Raises `NotProxied`."""
    known = {("setting", name): value for name, value in app.settings(secure=False).items()}
    if asked["secure"]:
        secrets = app.settings(secure=True)
        known |= {("setting", name): value for name, value in secrets.items()}
        if asked["jwt"]:
            known["jwt", "token"] = _signed(desk, asked["jwt"], known)
    for name in asked["headers"]:
        if "_" in name:
            raise NotProxied(f"a header's name has no underscore: {name}")
    host = urlsplit(asked["url"]).hostname
    if host not in app.manifest()["domainWhitelist"]:
        raise NotProxied(f"{host} is not in the app's domainWhitelist")
    headers = {name: _filled(value, known) for name, value in asked["headers"].items()}
    with new_session() as session:
        return session.request(
            asked["type"],
            asked["url"],
            data=_filled(asked["data"], known).encode(),
            headers={"Content-Type": asked["contentType"], **headers},
            timeout=PATIENCE,
            allow_redirects=False,
        )


def _signed(desk: Desk, wish: dict[str, Any], known: dict[tuple[str, str], str]) -> str:
    claims = dict(wish["claims"])
    claims["exp"] = int(desk.clock().timestamp()) + wish["expiry"]
    key = OctKey.import_key(_filled(wish["secret_key"], known))
    return jwt.encode({"alg": wish["algorithm"]}, claims, key)


def _filled(text: str, known: dict[tuple[str, str], str]) -> str:
    return _BLANK.sub(lambda match: known.get((match[1], match[2]), match[0]), text)

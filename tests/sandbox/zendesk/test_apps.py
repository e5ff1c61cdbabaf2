"""The stand-in's app framework: its proxy, its files, and who a page's request comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import OctKey
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import apps, preset

SECRET = "what-the-app-and-the-bridge-share-0815"
pytestmark = pytest.mark.skipif(not apps.FOLDER.is_dir(), reason="the app is not part of the wheel")


@pytest.fixture
def heard() -> list[tuple[dict[str, str], str]]:
    return []


@pytest.fixture
def behind(heard: list[tuple[dict[str, str], str]]) -> Iterator[str]:
    """A server that an app calls, and remembers what it was sent."""
    app = Flask(__name__)

    @app.post("/zaf/ticket/<ticket>")
    def answer(ticket: str) -> Any:
        heard.append((dict(request.headers), request.get_data(as_text=True)))
        return {"ticket": ticket}, 201

    with serve(app) as running:
        yield running.url


def asks(sandbox: ZendeskSandbox, **options: Any) -> dict[str, Any]:
    """What the page's script gets when the app asks."""
    answer = requests.post(
        f"{sandbox.url}{apps.PROXY}", json=options, headers={"Origin": sandbox.url}, timeout=30
    )
    assert 200 == answer.status_code
    found: dict[str, Any] = answer.json()
    return found


def test_the_proxy_fills_in_and_signs(
    zendesk_sandbox: ZendeskSandbox, behind: str, heard: list[tuple[dict[str, str], str]]
) -> None:
    assert zendesk_sandbox.desk.install_app(behind, SECRET)
    found = asks(
        zendesk_sandbox,
        url=f"{behind}/zaf/ticket/35",
        type="POST",
        data='{"at": "{{setting.bridge_url}}", "x": "{{setting.other}}"}',
        contentType="application/json",
        secure=True,
        headers={"Authorization": "Bearer {{jwt.token}}"},
        jwt={
            "algorithm": "HS256",
            "secret_key": "{{setting.shared_secret}}",
            "expiry": 60,
            "claims": {"iss": "acme.zendesk.com", "sub": "7"},
        },
    )
    assert {"status": 201, "text": '{"ticket":"35"}\n'} == found
    [(headers, body)] = heard
    assert {"at": behind, "x": "{{setting.other}}"} == json.loads(body)
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, OctKey.import_key(SECRET), ["HS256"]).claims
    now = int(zendesk_sandbox.clock().timestamp())
    assert {"iss": "acme.zendesk.com", "sub": "7", "exp": now + 60} == claims


def test_secrets_are_filled_in_for_secure_questions_only(
    zendesk_sandbox: ZendeskSandbox, behind: str, heard: list[tuple[dict[str, str], str]]
) -> None:
    zendesk_sandbox.desk.install_app(behind, SECRET)
    words = {"X-Secret": "{{setting.shared_secret}}"}
    asks(zendesk_sandbox, url=f"{behind}/zaf/ticket/35", type="POST", headers=words)
    assert "{{setting.shared_secret}}" == heard[0][0]["X-Secret"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "http://elsewhere.example/"}, "not in the app's domainWhitelist"),
        ({"url": "http://127.0.0.1/", "headers": {"X_Y": "1"}}, "underscore"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "http://127.0.0.1:1/"}, "does not answer"),
    ],
)
def test_what_the_proxy_does_not_pass_on(
    zendesk_sandbox: ZendeskSandbox, options: dict[str, Any], says: str
) -> None:
    zendesk_sandbox.desk.install_app("http://127.0.0.1:1", SECRET)
    found = asks(zendesk_sandbox, **options)
    assert found["status"] in (400, 502)
    assert says in found["text"]


def test_another_website_cannot_use_the_proxy(zendesk_sandbox: ZendeskSandbox) -> None:
    url = f"{zendesk_sandbox.url}{apps.PROXY}"
    body = {"url": "http://127.0.0.1:1/"}
    assert 403 == requests.post(url, json=body, headers={"Origin": zendesk_sandbox.url}).status_code
    zendesk_sandbox.desk.install_app("http://127.0.0.1:1", SECRET)
    for origin in ({"Origin": "https://evil.example"}, {}):
        assert 403 == requests.post(url, json=body, headers=origin, timeout=30).status_code


def test_the_page_never_holds_the_secret(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    ticket = api.create()["ticket"]["id"]
    address = f"{zendesk_sandbox.url}/agent/tickets/{ticket}"
    assert "data-app" not in requests.get(address, timeout=30).text
    zendesk_sandbox.desk.install_app("http://127.0.0.1:1", SECRET)
    page = requests.get(address, timeout=30).text
    assert "data-app" in page
    assert SECRET not in page
    assert SECRET not in repr(zendesk_sandbox.desk.app)


def test_the_apps_page_comes_with_the_sandboxs_own_script(zendesk_sandbox: ZendeskSandbox) -> None:
    zendesk_sandbox.desk.install_app("http://127.0.0.1:1", SECRET)
    answer = requests.get(f"{zendesk_sandbox.url}/agent/apps/bridge/iframe.html", timeout=30)
    assert "zdassets.com" not in answer.text
    assert "/agent/static/zaf_sdk.js" in answer.text
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    for name in ("manifest.json", "nothing.js"):
        missing = requests.get(f"{zendesk_sandbox.url}/agent/apps/bridge/{name}", timeout=30)
        assert 404 == missing.status_code


def test_a_note_is_written_in_the_agents_name(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    ticket = api.create()["ticket"]["id"]
    body = {"ticket": {"comment": {"body": "#like p34", "public": False}}}
    address = f"{zendesk_sandbox.url}/api/v2/tickets/{ticket}.json"
    told = requests.put(address, json=body, headers={"X-Sandbox-Agent": str(preset.TOM)})
    assert 200 == told.status_code
    said = zendesk_sandbox.desk.comments(ticket)[-1]
    assert (preset.TOM, False, "#like p34") == (said.author_id, said.public, said.body)
    for nobody in ("", "7", "x", str(preset.BRIDGE_USER)):
        refused = requests.put(address, json=body, headers={"X-Sandbox-Agent": nobody})
        assert 401 == refused.status_code

"""Who may call, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.sandbox.zendesk import preset

CLIENT = {"client_id": preset.CLIENT_ID, "client_secret": preset.CLIENT_SECRET}


def _me(api: Client, token: str) -> requests.Response:
    return api("GET", "/api/v2/users/me.json", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic YTpi", "Bearer "])
def test_strangers_are_refused(api: Client, header: str | None) -> None:
    """Without a good bearer token every call is a 401 with JSON."""
    api.http.headers.pop("Authorization")
    answer = api("GET", "/api/v2/users/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json()["error"]


def test_client_credentials(api: Client, clock: Any) -> None:
    """A client gets a token that works until it expires, and no refresh token."""
    api.http.headers.pop("Authorization")
    wanted = {"grant_type": "client_credentials", "scope": "read write", "expires_in": 600}
    granted = api("POST", "/oauth/tokens", {**CLIENT, **wanted}).json()
    assert (granted["expires_in"], granted["scope"]) == (600, "read write")
    assert "refresh_token" not in granted
    assert _me(api, granted["access_token"]).status_code == 200
    clock.move(600)
    assert _me(api, granted["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"expires_in": 300}, 400, "invalid_request"),
        ({"expires_in": 172_800}, 400, "invalid_request"),
        ({"expires_in": "soon"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
    ],
)
def test_refused_grants(api: Client, wanted: dict[str, Any], status: int, error: str) -> None:
    """Wrong secrets, lifetimes and grants are refused by name."""
    body = {**CLIENT, "grant_type": "client_credentials", **wanted}
    answer = api("POST", "/oauth/tokens", body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_refresh_rotates_both(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A refresh kills the old access token and the old refresh token at once."""
    old = zendesk_sandbox.desk.tokens.grant("read write", None, refreshable=True)
    body = {**CLIENT, "grant_type": "refresh_token", "refresh_token": old.refresh}
    new = api("POST", "/oauth/tokens", body).json()
    assert _me(api, old.access).status_code == 401
    assert _me(api, new["access_token"]).status_code == 200
    assert api("POST", "/oauth/tokens", body).json()["error"] == "invalid_grant"
    body["refresh_token"] = new["refresh_token"]
    assert api("POST", "/oauth/tokens", body).status_code == 200


def test_revoked(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """After everything was revoked no token works, the static one included."""
    old = zendesk_sandbox.desk.tokens.grant("read", None, refreshable=True)
    zendesk_sandbox.desk.tokens.revoke_all()
    assert [_me(api, one).status_code for one in (old.access, zendesk_sandbox.token)] == [401, 401]
    body = {**CLIENT, "grant_type": "refresh_token", "refresh_token": old.refresh}
    assert api("POST", "/oauth/tokens", body).status_code == 200


def test_secrets_are_not_recorded(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """The record of requests holds neither tokens nor the client's secret."""
    api("POST", "/oauth/tokens", {**CLIENT, "grant_type": "client_credentials"})
    api("GET", "/api/v2/users/me")
    shown = api("GET", "/sandbox/requests").text
    assert preset.CLIENT_SECRET not in shown
    assert zendesk_sandbox.token not in shown


def test_account_limit(api: Client, zendesk_sandbox: ZendeskSandbox, clock: Any) -> None:
    """Every answer tells what is left, and past the account's limit comes a 429 with a wait."""
    zendesk_sandbox.desk.budgets.account.total = 2
    first = api("GET", "/api/v2/groups")
    assert (first.headers["X-Rate-Limit"], first.headers["X-Rate-Limit-Remaining"]) == ("2", "1")
    clock.move(20)
    api("GET", "/api/v2/groups")
    late = api("GET", "/api/v2/groups")
    assert (late.status_code, late.headers["Retry-After"]) == (429, "40")
    clock.move(40)
    assert api("GET", "/api/v2/groups").status_code == 200


def test_unknown_address(api: Client) -> None:
    """An address of the API that is not there is a 404 with JSON."""
    answer = api("GET", "/api/v2/nonsense")
    assert (answer.status_code, answer.json()["error"]) == (404, "InvalidEndpoint")
    api.sandbox.contract.excuse()

"""New tokens for old: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token

A confidential client signs in with Basic authentication, a public one names its id in the form.
"""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x.people import Refusal
from bridge.sandbox.x.town import Town


def oauth_api(town: Town) -> Blueprint:
    api = Blueprint("x_oauth", __name__)

    @api.post("/2/oauth2/token")
    def token() -> ResponseReturnValue:
        if not _client_known(town):
            why = "Missing valid authorization header"
            return jsonify(error="unauthorized_client", error_description=why), 401
        if request.form.get("grant_type") != "refresh_token":
            return jsonify(error="unsupported_grant_type", error_description="Not here"), 400
        try:
            pair = town.refresh(request.form.get("refresh_token", ""))
        except Refusal as refusal:
            return jsonify(error="invalid_request", error_description=refusal.detail), 400
        return jsonify(
            token_type="bearer",  # noqa: S106 - a kind, not a secret
            expires_in=pair.seconds,
            access_token=pair.access,
            refresh_token=pair.refresh,
            scope=" ".join(pair.scopes),
        )

    return api


def _client_known(town: Town) -> bool:
    sent = request.authorization
    if sent is not None and sent.type == "basic":
        return (sent.username, sent.password) == (town.app.client_id, town.app.client_secret)
    return request.form.get("client_id") == town.app.client_id

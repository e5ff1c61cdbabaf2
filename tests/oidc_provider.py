"""A small OpenID provider over HTTP: signs with RS256, checks PKCE, and lies when told to."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "bridge-console", "the-clients-own-secret"


@dataclass
class OidcProvider:
    """`claims` overrule what is signed; `sign` replaces how it is signed."""

    clock: Callable[[], Any]
    url: str = ""
    email: str = "ada@example.org"
    subject: str = "248289761001"
    claims: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    userinfo: dict[str, Any] = field(default_factory=dict)
    says_issuer: str = ""
    sign: Callable[[dict[str, Any]], str] | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None) -> str:
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key or self.key)

    def with_shared_secret(self, claims: dict[str, Any]) -> str:
        """As if our own client's secret were a key, or the public key were."""
        return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key("s" * 32))

    def unsigned(self, claims: dict[str, Any]) -> str:
        _head, body, _ = self.signed(claims).split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return f"{none}.{body}."

    def app(self) -> Flask:
        app = Flask("oidc")

        @app.get("/.well-known/openid-configuration")
        def describe() -> Response:
            return jsonify(
                issuer=self.says_issuer or self.url,
                authorization_endpoint=f"{self.url}/authorize",
                token_endpoint=f"{self.url}/token",
                jwks_uri=f"{self.url}/jwks",
                userinfo_endpoint=f"{self.url}/userinfo",
                token_endpoint_auth_methods_supported=["client_secret_basic"],
            )

        @app.get("/jwks")
        def jwks() -> Response:
            return jsonify(keys=[self.key.as_dict(private=False)])

        @app.get("/authorize")
        def authorize() -> Any:
            given = request.args.to_dict()
            self.asked.append(given)
            assert given["client_id"] == CLIENT
            assert given["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe(16)
            self.codes[code] = given
            back = urlencode({"code": code, "state": given["state"]})
            return redirect(f"{given['redirect_uri']}?{back}")

        @app.post("/token")
        def token() -> Any:
            who = request.authorization
            grant = self.codes.pop(request.form["code"], None)
            if who is None or (who.username, who.password) != (CLIENT, SECRET):
                return jsonify(error="invalid_client"), 401
            verifier = hashlib.sha256(request.form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
            if grant is None or (challenge, request.form["redirect_uri"]) != (
                grant["code_challenge"],
                grant["redirect_uri"],
            ):
                return jsonify(error="invalid_grant"), 400
            now = int(self.clock().timestamp())
            claims = {
                "iss": self.url,
                "sub": self.subject,
                "aud": CLIENT,
                "exp": now + 300,
                "iat": now,
                "nonce": grant["nonce"],
                "email": self.email,
                "email_verified": True,
                **self.claims,
            }
            kept = {name: value for name, value in claims.items() if name not in self.left_out}
            signed = (self.sign or self.signed)(kept)
            return jsonify(access_token="at", token_type="Bearer", id_token=signed)

        @app.get("/userinfo")
        def userinfo() -> Response:
            assert request.headers["Authorization"] == "Bearer at"
            return jsonify(self.userinfo)

        return app

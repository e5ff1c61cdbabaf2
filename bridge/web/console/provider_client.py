"""Authlib, which only a sign-in at a provider needs: it is loaded by the first one."""

from __future__ import annotations

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client.oauth2_session import OAuth2Auth, OAuth2ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken

__all__ = ["Client", "CodeIDToken", "OAuthError"]


class Client(OAuth2Client):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's client over a session of ours: no retries, no redirects on a write, bounded."""

    client_auth_class = OAuth2ClientAuth
    token_auth_class = OAuth2Auth
    oauth_error_class = OAuthError
    SESSION_REQUEST_PARAMS = ("timeout",)

"""How a call finds its answer: who asks, for which node, by which edge.

`/v25.0/<node>/<edge>`, the version may be missing; `me` is whose token it is.
https://developers.facebook.com/docs/graph-api/overview/#nodes
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from bridge.sandbox.meta.people import App, Holder, Token
from bridge.sandbox.meta.refusals import (
    Refusal,
    Wrong,
    expired,
    needs,
    parameter,
    refuse,
    unknown_object,
)
from bridge.sandbox.meta.selection import Want, parsed
from bridge.sandbox.meta.town import Town

Answer = dict[str, Any]
"""What goes out as JSON."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `later` is done after the answer is made and before it is sent."""

    town: Town
    method: str
    args: dict[str, Any]
    uploads: dict[str, Upload]
    token: Token | None
    wants: tuple[Want, ...]
    host: str = ""
    later: list[Callable[[], object]] = field(default_factory=list, hash=False)

    @property
    def app(self) -> App:
        """The app that asks. Raises `Refusal` where nobody said who asks."""
        if self.token is None:
            raise refuse("token_missing")
        return self.town.apps[self.token.app_id]

    def text(self, name: str) -> str:
        """A parameter as text, "" if it is missing."""
        value = self.args.get(name, "")
        return value if isinstance(value, str) else str(value)

    def number(self, name: str, usual: int) -> int:
        """Raises `Refusal` for what is no number."""
        value = self.text(name) or str(usual)
        if not value.isdigit():
            raise parameter(f"Param {name} must be an integer")
        return int(value)


Reply = Callable[[Call, Any], Answer]


@dataclass(frozen=True, slots=True)
class _Way:
    reply: Reply
    scopes: tuple[str, ...]
    as_app: bool


class Graph:
    """The edges, by kind of node, and the gate before them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._ways: dict[tuple[type, str, str], _Way] = {}

    def on(
        self, kind: type, edge: str, method: str, *scopes: str, as_app: bool = False
    ) -> Callable[[Reply], Reply]:
        """Registers what answers an edge ("" is the node itself). One of `scopes` is needed;
        `as_app` takes an app's own token and no other."""

        def register(reply: Reply) -> Reply:
            self._ways[kind, edge, method] = _Way(reply, scopes, as_app)
            return reply

        return register

    def answer(self, call: Call, node_id: str, edge: str) -> Answer:
        """Raises `Refusal`."""
        token = self.check(call)
        node = self._node(token, node_id, call.method)
        way = self._ways.get((type(node), edge, call.method))
        if way is None:
            raise self._no_way(call, node, node_id, edge)
        by_app = token.holder is Holder.APP
        if way.as_app and not by_app:
            raise parameter("This method must be called with an app access token")
        if (by_app and not way.as_app) or not self._may(token, node):
            raise unknown_object(call.method, node_id)
        if way.scopes and not set(way.scopes) & set(token.scopes) and not way.as_app:
            raise needs(way.scopes[0])
        with self.town.lock:
            return way.reply(call, node)

    def check(self, call: Call) -> Token:
        """The token, if it is good. Raises `Refusal`."""
        token = call.token
        if token is None:
            given = call.text("access_token") or call.text("_bearer")
            raise refuse("token_unreadable") if given else refuse("token_missing")
        if token.wrong:
            raise refuse(token.wrong)
        now = self.town.clock()
        if token.expires_at and token.over(now):
            raise expired(token.expires_at, now)
        proof = call.text("appsecret_proof")
        if proof and not hmac.compare_digest(proof, self._proof(token)):
            raise Refusal(
                Wrong(
                    100,
                    "Invalid appsecret_proof provided in the API argument",
                    kind="GraphMethodException",
                )
            )
        return token

    def _proof(self, token: Token) -> str:
        """https://developers.facebook.com/docs/graph-api/guides/secure-requests#appsecret_proof"""
        secret = self.town.apps[token.app_id].secret
        return hmac.new(secret.encode(), token.value.encode(), hashlib.sha256).hexdigest()

    def _node(self, token: Token, node_id: str, method: str) -> Any:
        if node_id == "me":
            node_id = token.account_id or self.town.system_user
        node = self.town.node(node_id)
        if node is None:
            raise unknown_object(method, node_id)
        return node

    def _may(self, token: Token, node: Any) -> bool:
        owner = self.town.owner(node)
        if token.holder is Holder.APP:
            return owner in ("", token.account_id)
        return token.account_id == "" or token.account_id in self.town.belongs(owner)

    def _no_way(self, call: Call, node: Any, node_id: str, edge: str) -> Refusal:
        if edge and any(kind is type(node) for kind, _, _ in self._ways):
            return parameter(
                f"Tried accessing nonexisting field ({edge}) on node type ({type(node).__name__})"
            )
        return unknown_object(call.method, node_id)


def read_call(town: Town, request: Request) -> Call:
    """Query, form and JSON are one to Graph; the token may be in any of them or in the header."""
    args: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise parameter("The body is not valid JSON")
        args |= body
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        args["_bearer"] = bearer.strip()
    given = args.get("_bearer") or args.get("access_token") or ""
    wanted = args.get("fields", "")
    return Call(
        town=town,
        method=request.method,
        args=args,
        uploads={
            name: Upload(one.filename or "", one.mimetype, one.read())
            for name, one in request.files.items()
        },
        token=town.token(given) if isinstance(given, str) else None,
        wants=parsed(wanted) if isinstance(wanted, str) else (),
        host=request.host_url.rstrip("/"),
    )

"""Answers for an account that is being connected: no mapping has it, a draft in the ledger does.

Nothing of it is kept. A delivery that holds something for the account is answered 503, so that the
network brings it again to whoever has the account by then.
"""

from __future__ import annotations

import structlog
from flask import Request, Response, jsonify
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.channels import registry
from bridge.channels.contract import Bundles, Channel, Handshakes, Pushes, Surroundings
from bridge.connecting.options import loaded
from bridge.errors import NotGenuine
from bridge.flow.bridge import Bridge
from bridge.ledger import drafts
from bridge.ledger.drafts import AccountDraft
from bridge.ledger.secrets import Safe
from bridge.mapping.values import is_account_name
from bridge.web.answers import complaint
from bridge.web.keeping import away, body_of

log = structlog.get_logger()

NOTHING = b"{}"
"""The body of a delivery that holds nothing, by which the way to us is tried."""


def under_construction(bridge: Bridge, network: str, account: str) -> Channel | None:
    """The draft's channel. Without a key there are no drafts, and the database is not asked."""
    if account in bridge.channels or not bridge.settings.secret_keys:
        return None
    if not is_account_name(account):
        return None
    draft = _found(bridge, account)
    kind = registry.installed().get(network)
    if draft is None or draft.network != network or kind is None:
        return None
    try:
        options = loaded(kind.Options(), dict(draft.answers))
    except ValidationError:
        log.error("a draft cannot be read: is this the release that it was made with?")
        return None
    around = Surroundings(clock=bridge.clock, public_url=bridge.settings.public_url)
    return kind(account, options, around)


def _found(bridge: Bridge, account: str) -> AccountDraft | None:
    safe = Safe(bridge.settings.secret_keys)
    try:
        with bridge.ledger.reading() as tx:
            return drafts.find(tx, safe, account)
    except (DBAPIError, PoolTimeout, OSError) as trouble:
        log.error("drafts cannot be read", error=type(trouble).__name__)
        raise away("the database does not answer") from trouble


def delivered(bridge: Bridge, channel: Channel, request: Request) -> Response:
    """200 for a genuine delivery that holds nothing for the account."""
    if not isinstance(channel, Pushes):
        return complaint(404, f"{channel.network} is read by the bridge; it takes nothing pushed")
    body = body_of(request, bridge.settings.max_body)
    try:
        channel.genuine(dict(request.headers), body)
    except NotGenuine as doubt:
        return _doubted(doubt)
    if _holds_something(channel, body):
        log.info("not taken yet", account=channel.account)
        raise away("this account is being connected: bring it again")
    return jsonify({"received": "nothing", "connecting": channel.account})


def shaken(channel: Channel, request: Request) -> Response:
    """The handshake, answered as the account will."""
    if not isinstance(channel, Handshakes):
        return complaint(405, f"{channel.network} asks for no handshake")
    try:
        answer = channel.shake(request.args.to_dict())
    except NotGenuine as doubt:
        return _doubted(doubt)
    return Response(answer.body, content_type=answer.content_type)


def _holds_something(channel: Channel, body: bytes) -> bool:
    if isinstance(channel, Bundles):
        return bool(channel.apart(body))
    return body.strip() != NOTHING


def _doubted(doubt: NotGenuine) -> Response:
    """Counted nowhere: the account is not there yet, and we try a wrong one ourselves."""
    answer = complaint(401, doubt.because)
    answer.headers["WWW-Authenticate"] = "Signature"
    return answer

"""`POST /hooks/<network>/<account>`: what networks push, verified over the raw bytes and kept."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, jsonify, request

from bridge.channels.contract import Bundles, Channel, Handshakes, Pushes
from bridge.errors import NotGenuine
from bridge.flow.bridge import Bridge
from bridge.ledger.arriving import Kept, Letter
from bridge.mapping.words import did_you_mean, shown
from bridge.metrics import Metrics
from bridge.web.answers import complaint
from bridge.web.drafts import delivered, shaken, under_construction
from bridge.web.keeping import Letterbox, body_of
from bridge.web.refusals import Refusals

log = structlog.get_logger()


def blueprint(bridge: Bridge, metrics: Metrics, letterbox: Letterbox) -> Blueprint:
    hooks = Blueprint("hooks", __name__)
    refusals = Refusals(bridge)

    @hooks.post("/hooks/<network>/<account>")
    def receive(network: str, account: str) -> Response:
        draft = under_construction(bridge, network, account)
        if draft is not None:
            return delivered(bridge, draft, request)
        wrong = _wrong_address(bridge, network, account)
        if wrong:
            return complaint(404, wrong, expected="POST /hooks/<network>/<account>")
        channel: Channel = bridge.channels[account]
        if not isinstance(channel, Pushes):
            return complaint(404, f"{network} is read by the bridge; it takes nothing pushed")
        body = body_of(request, bridge.settings.max_body)
        try:
            key = channel.genuine(dict(request.headers), body)
        except NotGenuine as doubt:
            return not_genuine(refusals, metrics, account, doubt)
        mistake = channel.complaint(body)
        if mistake:
            kept = letterbox.keep_aside(Letter(account, key, body), mistake)
            log.warning("set aside", source=account, delivery=kept.id, because=mistake)
            return complaint(422, mistake, kept=str(kept.id))
        if isinstance(channel, Bundles):
            parts = _apart(bridge, channel, account, key, body)
            return received(account, letterbox.keep_all(parts))
        return received(account, letterbox.keep(Letter(account, key, body)))

    @hooks.get("/hooks/<network>/<account>")
    def shake(network: str, account: str) -> Response:
        draft = under_construction(bridge, network, account)
        if draft is not None:
            return shaken(draft, request)
        wrong = _wrong_address(bridge, network, account)
        if wrong:
            return complaint(404, wrong, expected="GET or POST /hooks/<network>/<account>")
        channel: Channel = bridge.channels[account]
        if not isinstance(channel, Handshakes):
            answer = complaint(405, f"{network} sends its messages here with POST")
            answer.headers["Allow"] = "POST"
            return answer
        try:
            answered = channel.shake(request.args.to_dict())
        except NotGenuine as doubt:
            return not_genuine(refusals, metrics, account, doubt)
        return Response(answered.body, content_type=answered.content_type)

    return hooks


def _apart(
    bridge: Bridge, channel: Bundles, account: str, key: str, body: bytes
) -> tuple[Letter, ...]:
    """One delivery's items, each for the first account that takes it. What nobody takes is kept
    whole, so that it can be seen that it came."""
    letters: dict[str, Letter] = {}
    for name, sibling in bridge.channels.items():
        if isinstance(sibling, Bundles) and sibling.hook == channel.hook:
            for raw in sibling.apart(body):
                letters.setdefault(raw.key, Letter(name, raw.key, raw.body))
    return tuple(letters.values()) or (Letter(account, key, body),)


def received(source: str, kept: Kept) -> Response:
    """200, and what it is called in the ledger. The transaction is over."""
    with structlog.contextvars.bound_contextvars(delivery=kept.id):
        log.info("received", source=source, again=kept.again)
    return jsonify({"received": kept.id, **({"again": True} if kept.again else {})})


def not_genuine(refusals: Refusals, metrics: Metrics, source: str, doubt: NotGenuine) -> Response:
    metrics.not_genuine.labels(source).inc()
    refusals.add(source)
    log.warning("not genuine", source=source, because=doubt.because)
    answer = complaint(401, doubt.because)
    answer.headers["WWW-Authenticate"] = "Signature"
    return answer


def _wrong_address(bridge: Bridge, network: str, account: str) -> str:
    known = bridge.mapping.accounts.get(account)
    if known is None or account not in bridge.channels:
        hint = did_you_mean(account, bridge.mapping.accounts)
        # A stranger is helped over a slip of the pen and is not shown a list.
        hint = f": {hint}" if hint.startswith("did you mean") else ""
        return f'there is no account "{shown(account)}"{hint}'
    if known.network != network:
        return (
            f'account "{account}" is on {known.network}: its address is '
            f"/hooks/{known.network}/{account}"
        )
    return ""

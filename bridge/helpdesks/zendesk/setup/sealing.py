"""The two secrets: what signs Zendesk's events, and what the sidebar app signs its questions with.

They are kept sealed under the names of the settings, which go first. The app's is made here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from bridge.errors import BridgeError
from bridge.helpdesks.zendesk.setup.calls import Calls
from bridge.helpdesks.zendesk.setup.model import (
    Kind,
    Memory,
    Remembered,
    Step,
    Verdict,
    Wishes,
)
from bridge.settings import Secret

WEBHOOK, APP = "webhook", "app"
VARIABLES = {WEBHOOK: "ZENDESK_WEBHOOK_SECRET", APP: "ZENDESK_APP_SECRET"}
TITLES = {WEBHOOK: "Signing secret of the webhook", APP: "Secret of the sidebar app"}
NO_KEY = (
    "BRIDGE_SECRET_KEY is not set, and secrets are kept only sealed: make a key with "
    "`bridge new-key`, set it for web and workers, and run this again"
)
BYTES = 32


def steps(calls: Calls, wishes: Wishes, memory: Memory, hook: Step) -> Iterator[Step]:
    """`hook` is what becomes of the webhook."""
    yield _webhook(calls, wishes, memory, hook)
    yield _app(wishes, memory)


def removal(row: Remembered) -> Step:
    says = f"kept here as {row.id}; without it no event is believed"
    if row.name == APP:
        says = f"kept here as {row.id}; without it the app gets no answers"
    return Step(row.kind, row.name, TITLES[row.name], Verdict.REMOVE, says)


def keep(calls: Calls, memory: Memory, name: str, webhook_id: str) -> None:
    """Fetch it, or make it, and seal it. Raises as the call and the memory do."""
    if name == WEBHOOK:
        value = calls.signing_secret(webhook_id)
    else:
        value = Secret(secrets.token_urlsafe(BYTES))
    # The row first: what is sealed and forgotten could not be undone.
    memory.put(Remembered(Kind.SECRET, name, VARIABLES[name]))
    memory.seal(VARIABLES[name], value)


def drop(memory: Memory, name: str) -> None:
    memory.unseal(VARIABLES[name])
    memory.forget(Kind.SECRET, name)


def _webhook(calls: Calls, wishes: Wishes, memory: Memory, hook: Step) -> Step:
    if hook.verdict is Verdict.IN_THE_WAY:
        return _step(WEBHOOK, Verdict.IN_THE_WAY, "there is no webhook yet to take it from")
    if hook.verdict is Verdict.LEAVE:
        return _step(WEBHOOK, Verdict.LEAVE, "is looked at together with the webhook")
    if hook.verdict is Verdict.MAKE:
        return _step(WEBHOOK, Verdict.MAKE, "is fetched from the new webhook and kept sealed")
    try:
        real = calls.signing_secret(hook.remote_id).reveal()
        if wishes.webhook_secret:
            if wishes.webhook_secret.reveal() == real:
                return _step(WEBHOOK, Verdict.KEEP, "stands in the environment")
            says = (
                "what ZENDESK_WEBHOOK_SECRET holds is not this webhook's: take it out of the "
                "environment, or set it to what Zendesk shows"
            )
            return _step(WEBHOOK, Verdict.IN_THE_WAY, says)
        if not wishes.can_seal:
            return _step(WEBHOOK, Verdict.IN_THE_WAY, NO_KEY)
        kept = memory.sealed(VARIABLES[WEBHOOK]).reveal()
    except BridgeError as error:
        return _step(WEBHOOK, Verdict.IN_THE_WAY, error.because)
    if not kept:
        return _step(WEBHOOK, Verdict.MAKE, "is fetched from the webhook and kept sealed")
    if kept != real:
        return _step(WEBHOOK, Verdict.CHANGE, "Zendesk has another one by now")
    return _step(WEBHOOK, Verdict.KEEP, "is kept sealed")


def _app(wishes: Wishes, memory: Memory) -> Step:
    if wishes.app_secret:
        return _step(APP, Verdict.KEEP, "stands in the environment")
    if not wishes.can_seal:
        return _step(APP, Verdict.IN_THE_WAY, NO_KEY)
    try:
        kept = memory.sealed(VARIABLES[APP])
    except BridgeError as error:
        return _step(APP, Verdict.IN_THE_WAY, error.because)
    if kept:
        return _step(APP, Verdict.KEEP, "is kept sealed")
    return _step(APP, Verdict.MAKE, "is made up, kept sealed, and shown once")


def _step(name: str, verdict: Verdict, says: str) -> Step:
    return Step(Kind.SECRET, name, TITLES[name], verdict, says)

"""Connecting an account on the console: asked for, tried, and only then kept. What `bridge connect`
does at a terminal."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from flask import Response, request, stream_template
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import Conflict, NotFound

from bridge.channels import registry
from bridge.channels.contract import Pushes
from bridge.connecting import keeping
from bridge.connecting.asked import Asked
from bridge.connecting.findings import Examined
from bridge.connecting.options import questions, wrong_together, wrong_with
from bridge.connecting.place import Place
from bridge.connecting.stepwise import Stepwise, Told
from bridge.errors import Misconfigured
from bridge.flow.bridge import Bridge
from bridge.flow.publishing import Overtaken, live_files
from bridge.ledger import Tx, drafts
from bridge.ledger.secrets import Safe
from bridge.mapping import MappingError, values
from bridge.text import words
from bridge.web.console.frame import Frame

BAD_NAME = "A name has small letters, digits, - and _ (at most 64): it stands in addresses."


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    trials = Stepwise()

    @frame.get("/connect")
    def networks() -> Response:
        found = [
            (name, words.network_name(name), issubclass(kind, Pushes))
            for name, kind in sorted(registry.installed().items())
        ]
        has_key = bool(bridge.settings.secret_keys)
        return frame.page("networks.html", title="Connect", networks=found, has_key=has_key)

    @frame.get("/connect/<network>")
    def connect(network: str) -> Response:
        return _form(frame, network, {}, {})

    @frame.post("/connect/<network>")
    def connect_try(network: str) -> Response:
        schema = _schema(network)
        given = {name: value.strip() for name, value in request.form.items()}
        asked, wrong = _asked(bridge, network, schema, given)
        if wrong or not bridge.settings.secret_keys:
            return _form(frame, network, given, wrong, status=422)
        language = given.get("language", "")
        anyway, fix = "anyway" in given, "fix" in given
        verdict: list[bool] = []

        def job(told: Told) -> None:
            place = Place(bridge.settings, bridge.ledger, asked, told=told)
            with place.under_construction() as draft:
                good = place.tried(lambda: fix, anyway=anyway)
                draft.stays = good
            if good:
                _remember(bridge, asked, language)
            verdict.append(good)

        parts = trials.run(asked.account, job)
        if parts is None:
            raise Conflict("An account of this name is being tried at this moment.")
        with bridge.ledger.writing() as tx:
            frame.deed(tx, "tried an account", asked.account, network)
        return streamed(
            "tried.html",
            f"Trying {asked.account}",
            parts,
            verdict,
            network=network,
            account=asked.account,
        )

    @frame.post("/connect/<network>/<account>/keep")
    def connect_keep(network: str, account: str) -> Response:
        with bridge.ledger.reading() as tx:
            draft = drafts.find(tx, Safe(bridge.settings.secret_keys), account)
        if draft is None or draft.network != network or not draft.good:
            raise NotFound("It was tried too long ago, or not well: try it again.")
        asked = Asked(account, network, dict(draft.answers))
        new = keeping.wanted(asked, _schema(network), draft.language)

        def also(tx: Tx) -> None:
            frame.deed(tx, "connected an account", account, network)

        try:
            keeping.keep(bridge, new, author=frame.admin.name, also=also)
        except Overtaken:
            frame.say("Somebody else changed the mapping at this moment. Try again.", "bad")
            return frame.to("networks")
        except (MappingError, Misconfigured) as wrong:
            raise Conflict(f"It was not kept: {wrong.because}") from wrong
        frame.say(
            f"{account} is connected. The web service and the workers take it up by themselves, in "
            "a few seconds; a secret is kept sealed and never shown."
        )
        return frame.to("accounts_")


def streamed(
    template: str,
    title: str,
    parts: Iterator[Examined],
    verdict: list[bool],
    **more: object,
) -> Response:
    """The page goes out piece by piece, as findings come; what it comes to is asked last."""
    page = stream_template(
        f"console/{template}",
        title=title,
        parts=parts,
        verdict=lambda: bool(verdict and verdict[0]),
        **more,
    )
    return Response(page, content_type="text/html; charset=utf-8")


def _schema(network: str) -> Schema:
    kind = registry.installed().get(network)
    if kind is None:
        raise NotFound("There is no such network.")
    return kind.Options()


def _form(
    frame: Frame, network: str, given: dict[str, str], wrong: dict[str, str], status: int = 200
) -> Response:
    schema, settings = _schema(network), frame.bridge.settings
    pushed = issubclass(registry.installed()[network], Pushes)
    base = settings.public_url.rstrip("/")
    return frame.page(
        "connect.html",
        title=f"Connect {words.network_name(network)}",
        status=status,
        network=network,
        questions=questions(schema),
        given=given,
        wrong=wrong,
        hook=f"{base}/hooks/{network}/" if pushed else "",
        has_key=bool(settings.secret_keys),
        has_url=bool(base),
    )


def _asked(
    bridge: Bridge, network: str, schema: Schema, given: dict[str, str]
) -> tuple[Asked, dict[str, str]]:
    """What was typed, and what is wrong with it, by the field's name ("" for all of it)."""
    asked = Asked(given.get("account", ""), network)
    wrong: dict[str, str] = {}
    if not values.is_account_name(asked.account):
        wrong["account"] = BAD_NAME
    elif asked.account in keeping.accounts_in(live_files(bridge)[1]):
        wrong["account"] = "There is an account of this name already."
    try:
        given["language"] = values.language(given.get("language") or "en")
    except ValidationError as mistake:
        wrong["language"] = str(mistake.messages[0])
    for question in questions(schema):
        value = given.get(f"option-{question.name}", "")
        if value and value != question.default:
            says = wrong_with(schema, question.name, value)
            if says:
                wrong[question.name] = says
            asked.answers[question.name] = value
        elif question.own_choice:
            asked.answers[question.name] = secrets.token_urlsafe(32)
        elif question.required and not value:
            wrong[question.name] = "is needed"
    if not wrong:
        wrong = dict(wrong_together(schema, asked.answers))
    return asked, wrong


def _remember(bridge: Bridge, asked: Asked, language: str) -> None:
    """Sealed for an hour, so that it need not be typed again to be kept."""
    with bridge.ledger.writing() as tx:
        drafts.begin(
            tx,
            Safe(bridge.settings.secret_keys),
            asked.account,
            asked.network,
            asked.answers,
            language=language,
            good=True,
        )

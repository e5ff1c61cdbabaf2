"""Renewing an account's sign-in on the console: new secrets are tried, and replace the sealed ones
only if they work. What `bridge renew` does at a terminal."""

from __future__ import annotations

from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import Conflict, NotFound

from bridge.channels import registry
from bridge.connecting import renewal
from bridge.connecting.asked import Asked
from bridge.connecting.options import wrong_with
from bridge.connecting.place import Place
from bridge.connecting.renewal import Known
from bridge.connecting.stepwise import Stepwise, Told
from bridge.environment import PREFIX, environment
from bridge.errors import Misconfigured
from bridge.ledger import deeds
from bridge.ledger.secrets import Safe
from bridge.web.console.connecting import streamed
from bridge.web.console.frame import Frame


def pages(frame: Frame) -> None:
    bridge = frame.bridge
    trials = Stepwise()

    @frame.get("/accounts/<name>/renew")
    def renew(name: str) -> Response:
        return _form(frame, name, _known(frame, name), {})

    @frame.post("/accounts/<name>/renew")
    def renew_try(name: str) -> Response:
        known = _known(frame, name)
        sealed = known.sealed(bridge.environ)
        new = {option: request.form.get(f"option-{option}", "").strip() for option in sealed}
        new = {option: value for option, value in new.items() if value}
        schema = registry.installed()[known.network].Options()
        wrong = {option: wrong_with(schema, option, value) for option, value in new.items()}
        wrong = {option: says for option, says in wrong.items() if says}
        if wrong or not new or not bridge.settings.secret_keys:
            return _form(frame, name, known, wrong or {"": "Nothing was given."}, status=422)
        admin = frame.admin.name
        now = renewal.as_it_is(known, environment(bridge.environ, bridge.settings, bridge.ledger))
        verdict: list[bool] = []

        def job(told: Told) -> None:
            asked = Asked(name, known.network, now | new)
            place = Place(bridge.settings, bridge.ledger, asked, told=told)
            good = place.signs_in(anyway="anyway" in given)
            if good:
                safe = Safe(bridge.settings.secret_keys)
                with bridge.ledger.writing() as tx:
                    for option, value in new.items():
                        safe.put(tx, PREFIX + known.names[option], value)
                    deeds.add(tx, admin, "renewed a sign-in", name, ", ".join(sorted(new)))
            verdict.append(good)

        given = frozenset(request.form)
        parts = trials.run(name, job)
        if parts is None:
            raise Conflict("The sign-in of this account is being tried at this moment.")
        with bridge.ledger.writing() as tx:
            frame.deed(tx, "tried a sign-in", name)
        return streamed("renewed.html", f"New sign-in of {name}", parts, verdict, name=name)


def _known(frame: Frame, name: str) -> Known:
    try:
        return renewal.known(frame.bridge.ledger, Path(frame.bridge.settings.mappings), name)
    except Misconfigured as wrong:
        raise NotFound("The live mapping has no such account.") from wrong


def _form(
    frame: Frame, name: str, known: Known, wrong: dict[str, str], status: int = 200
) -> Response:
    sealed = known.sealed(frame.bridge.environ)
    return frame.page(
        "renew.html",
        title=f"Renew the sign-in of {name}",
        status=status,
        name=name,
        sealed=sealed,
        elsewhere=[variable for option, variable in known.names.items() if option not in sealed],
        wrong=wrong,
        has_key=bool(frame.bridge.settings.secret_keys),
    )

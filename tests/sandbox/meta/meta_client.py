"""A clock, somebody who takes webhooks, and a client, for the tests of the stand-in for Meta."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.courier import SIGNATURE, signature

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


class Taker:
    """Takes webhooks like a bridge. `statuses` are the next answers, 200 when there are none."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.verify_token = "verify"
        self.statuses: list[int] = []
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.unsigned = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.method == "GET":
            good = request.args.get("hub.verify_token") == self.verify_token
            said = request.args["hub.challenge"] if good else "no"
            return Response(said, 200 if good else 403)(environ, start_response)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            body = request.get_data()
            secrets = [one.secret for one in self.town.apps.values()]
            if request.headers.get(SIGNATURE) not in [signature(one, body) for one in secrets]:
                self.unsigned += 1
                return Response("", 401)(environ, start_response)
            self.bodies.append(json.loads(body))
        return Response("", status)(environ, start_response)

    def items(self, place: str = "") -> list[dict[str, Any]]:
        """Everything that came, in its order: changes' values and messages."""
        found: list[dict[str, Any]] = []
        for body in self.bodies:
            for entry in body["entry"]:
                if place in ("", "changes"):
                    found += [one["value"] for one in entry.get("changes", [])]
                    found += [entry["value"]] if "value" in entry else []
                for name in ("messaging", "standby"):
                    found += entry.get(name, []) if place in ("", name) else []
        return found


class Client:
    """Calls the stand-in; `refused` gives (code, subcode) of an error."""

    def __init__(self, url: str, http: requests.Session) -> None:
        self.url = f"{url}/v25.0/"
        self.http = http
        self.token = ""

    def ask(self, method: str, path: str, **how: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = path if path.startswith("http") else self.url + path
        return self.http.request(method, address, timeout=30, headers=headers, **how)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, **params: Any) -> Any:
        answer = self.ask("POST", path, json=body or {}, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        how: dict[str, Any] = {"json": body} if body is not None else {}
        answer = self.ask(method, path, params=params, **how)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        assert set(error) >= {"message", "type", "code", "fbtrace_id"}
        return error["code"], error.get("error_subcode")

"""Checks what a server was asked, and what it answered, against Zendesk's contract.

The contract is Zendesk's own OpenAPI file, mended where real recorded traffic proves it wrong
(nulls, status codes). Three more places where the file contradicts Zendesk's own documentation
are mended here, each with its reason. What it does not cover by design is listed in `UNCOVERED`.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathNotFound
from openapi_core.testing import MockRequest, MockResponse

SPECS = Path(__file__).resolve().parents[1].parent / "shared" / "specs"
CONTRACT = SPECS / "zendesk" / "zendesk-support-contract.oas3.json"
HOST = "https://example.zendesk.com"

UNCOVERED = ("/oauth/", "/api/v2/webhooks", "/attachments/", "/content-store/", "/agent/")
"""Not part of the Support API: signing in, the webhooks API, attachments' bytes, our own page."""


def spec_file(path: Path) -> Path:
    """`path`, or the reason why tests that need it are left out (in CI they fail instead)."""
    if path.exists():
        return path
    message = f"{path.name} is not here: the specs are reference data and not part of the project"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@cache
def load_contract(path: Path) -> OpenAPI:
    """The contract, read once per run."""
    spec = json.loads(path.read_text("utf-8"))
    return OpenAPI.from_dict(_mended(spec), config=Config(spec_validator_cls=None))


def _mended(spec: dict[str, Any]) -> dict[str, Any]:
    schemas = spec["components"]["schemas"]
    # The file wants a whole field definition (key, type, title) where the documentation sends
    # {"id": 27642, "value": "745"}:
    # https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/#setting-custom-field-values
    pairs = schemas["TicketObject"]["properties"]["custom_fields"]["items"]
    for name in ("TicketCreateInput", "TicketUpdateInput"):
        schemas[name]["properties"]["custom_fields"]["items"] = pairs
    # start_time belongs to the first request of a cursor export only; after_url has none:
    # https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/#cursor-based-incremental-exports
    for parameter in spec["paths"]["/api/v2/incremental/tickets/cursor"]["parameters"]:
        if parameter["name"] == "start_time":
            parameter["required"] = False
    # Bearer tokens are checked by the server that is asked, not by this.
    spec.pop("security", None)
    for methods in spec["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return spec


@dataclass(frozen=True, slots=True)
class Violation:
    """`side` is request, response or address."""

    method: str
    path: str
    side: str
    what: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.side}: {self.what}"


class ContractChecker:
    """Collects violations. `watch(app)` checks everything a Flask application answers.

    Only requests that the server carried out are checked: a test that sends something wrong on
    purpose gets its 4xx, and that answer is checked like any other.
    """

    def __init__(self, path: Path = CONTRACT) -> None:
        self._contract = load_contract(spec_file(path))
        self._guard = threading.Lock()
        self._violations: list[Violation] = []
        self.checked: Counter[str] = Counter()
        self.uncovered: Counter[str] = Counter()

    @property
    def violations(self) -> tuple[Violation, ...]:
        with self._guard:
            return tuple(self._violations)

    def excuse(self) -> tuple[Violation, ...]:
        """Forget the violations so far: for a test that makes them on purpose."""
        with self._guard:
            excused, self._violations = tuple(self._violations), []
        return excused

    def assert_kept(self) -> None:
        """Fails with every violation."""
        assert not self.violations, "\n".join(str(one) for one in self.violations)

    def watch(self, app: Flask) -> None:
        def check(response: Response) -> Response:
            self.check(
                request.method,
                request.path,
                query=request.args.to_dict(),
                body=request.get_data(),
                content_type=request.content_type or "",
                status=response.status_code,
                answer=response.get_data() if not response.is_streamed else b"",
                answer_type=response.content_type or "",
                headers=dict(response.headers),
            )
            return response

        app.after_request(check)

    def check(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        content_type: str = "",
        status: int = 200,
        answer: bytes = b"",
        answer_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Check one exchange; `.json` at the end of the path does not matter."""
        path = path.removesuffix(".json")
        if path == "/" or path.startswith(UNCOVERED):
            with self._guard:
                self.uncovered[f"{method} {path}"] += 1
            return
        asked = MockRequest(
            HOST,
            method.lower(),
            path,
            args=dict(query or {}),
            data=body or None,
            content_type=content_type.split(";")[0] or "application/json",
        )
        answered = MockResponse(
            answer,
            status_code=status,
            headers=dict(headers or {}),
            content_type=answer_type.split(";")[0],
        )
        found: list[Violation] = []
        try:
            if status < 400:
                self._contract.validate_request(asked)
        except PathNotFound as error:
            found.append(Violation(method, path, "address", str(error)))
        except OpenAPIError as error:
            found.append(Violation(method, path, "request", reason(error)))
        try:
            if not found or found[0].side != "address":
                self._contract.validate_response(asked, answered)
        except PathNotFound as error:
            found.append(Violation(method, path, "address", str(error)))
        except OpenAPIError as error:
            found.append(Violation(method, path, "response", f"{status}: {reason(error)}"))
        dropped = (headers or {}).get("x-zendesk-api-warn")
        if dropped:
            found.append(Violation(method, path, "request", dropped))
        with self._guard:
            self.checked[f"{method} {path}"] += 1
            self._violations.extend(found)


def reason(error: OpenAPIError) -> str:
    """The error with its causes: openapi-core keeps the useful words at the bottom."""
    words: list[str] = []
    current: BaseException | None = error
    while current is not None:
        words.append(str(current).split("\n")[0])
        for one in getattr(current, "schema_errors", ()):
            place = "/".join(str(part) for part in one.absolute_path)
            words.append(f"{place}: {one.message[:300]}")
        current = current.__cause__
    return " <- ".join(words)

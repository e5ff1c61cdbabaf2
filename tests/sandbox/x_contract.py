"""Checks what the stand-in for X was asked against X's own OpenAPI description.

The description (https://api.x.com/2/openapi.json, 2.167) names fields and parameters `post…` where
the guide and all its samples say `tweet…`, and lacks fields and events that the guide documents:
both are taken, each place with its source. Only requests are checked: its answers and events
contradict the official samples.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract import SPECS, Violation, reason, spec_file
from flask import Flask, Response, request
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathNotFound
from openapi_core.testing import MockRequest

CONTRACT = SPECS / "x" / "x-openapi.json"
HOST = "https://api.x.com"
UNCOVERED = ("/2/oauth2/", "/1.1/", "/media/")
"""Not part of the description: signing in, the bytes of pictures."""

GUIDE = {
    # https://docs.x.com/x-api/fundamentals/data-dictionary/reference#tweet
    "PostFieldsParameter": (
        "author_id",
        "edit_history_tweet_ids",
        "in_reply_to_user_id",
        "note_tweet",
        "referenced_tweets",
        "source",
    ),
    # https://docs.x.com/x-api/fundamentals/expansions
    "PostExpansionsParameter": (
        "edit_history_tweet_ids",
        "referenced_tweets.id",
        "referenced_tweets.id.author_id",
        "referenced_tweets.id.attachments.media_keys",
    ),
    # https://docs.x.com/x-api/direct-messages/lookup/integrate#available-fields
    "DmEventFieldsParameter": ("participant_ids", "referenced_tweets", "sender_id"),
    "DmEventExpansionsParameter": ("referenced_tweets.id",),
    # https://docs.x.com/x-api/users/lookup/integrate
    "UserExpansionsParameter": ("pinned_tweet_id", "most_recent_tweet_id"),
    "UserFieldsParameter": ("affiliation", "most_recent_tweet_id", "pinned_tweet_id"),
}


@dataclass(frozen=True)
class Contract:
    """`parameters` are the query parameters that each call knows, by method and path: the library
    lets unknown ones pass, X does not."""

    api: OpenAPI
    parameters: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...]

    def unknown(self, method: str, path: str, query: dict[str, str]) -> list[str]:
        for known_method, pattern, names in self.parameters:
            if known_method == method.lower() and pattern.fullmatch(path):
                return sorted(set(query) - names)
        return sorted(query)


@cache
def load_contract(path: Path) -> Contract:
    """The contract, read once per run, when the first request is checked."""
    spec = _mended(json.loads(path.read_text("utf-8")))
    known = spec["components"]["parameters"]
    parameters = []
    # Addresses without a variable part come first: /2/users/me is no /2/users/{id}.
    for address in sorted(spec["paths"], key=lambda one: one.count("{")):
        pattern = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", address))
        for method, operation in spec["paths"][address].items():
            listed = [
                known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                for one in operation.get("parameters", ())
            ]
            names = frozenset(one["name"] for one in listed if one["in"] == "query")
            parameters.append((method, pattern, names))
    api = OpenAPI.from_dict(spec, config=Config(spec_validator_cls=None))
    return Contract(api, tuple(parameters))


def _mended(spec: dict[str, Any]) -> dict[str, Any]:
    parameters = spec["components"]["parameters"]
    for name, more in GUIDE.items():
        known = parameters[name]["schema"]["items"]
        known["enum"] = sorted({*known["enum"], *more})
    # https://docs.x.com/x-api/fundamentals/fields
    parameters["TweetFieldsParameter"] = parameters["PostFieldsParameter"] | {
        "name": "tweet.fields"
    }
    # https://docs.x.com/x-api/activity/introduction#oauth-events
    body = spec["paths"]["/2/activity/subscriptions"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    named = spec["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    named["properties"]["event_type"]["enum"].append("oauth.revoke")
    # Tokens and signatures are checked by the server that is asked, not by this.
    spec.pop("security", None)
    for methods in spec["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
            names = [one.get("$ref", "") for one in operation.get("parameters", ())]
            if "#/components/parameters/PostFieldsParameter" in names:
                operation["parameters"].append(
                    {"$ref": "#/components/parameters/TweetFieldsParameter"}
                )
    return spec


class XContract:
    """Collects violations. `watch(app)` checks every request that a Flask application carries
    out: one that it refuses was wrong on purpose, or shows itself in the answer."""

    def __init__(self, path: Path = CONTRACT) -> None:
        self._path = spec_file(path)
        self._guard = threading.Lock()
        self._violations: list[Violation] = []
        self.checked: Counter[str] = Counter()

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
        def keep_body() -> None:
            request.get_data()  # once a form was taken apart, its bytes would be gone

        def check(response: Response) -> Response:
            path = request.path
            covered = path.startswith("/2/") and not path.startswith(UNCOVERED)
            if covered and response.status_code < 400:
                self.check(
                    request.method,
                    path,
                    query=request.args.to_dict(),
                    body=request.get_data(),
                    content_type=request.content_type or "",
                )
            return response

        app.before_request(keep_body)
        app.after_request(check)

    def check(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        content_type: str = "",
    ) -> None:
        """Check one request."""
        args = query or {}
        asked = MockRequest(
            HOST,
            method.lower(),
            path,
            args=args,
            data=body or None,
            content_type=content_type or "application/json",
        )
        contract = load_contract(self._path)
        found: list[Violation] = []
        try:
            contract.api.validate_request(asked)
            found += [
                Violation(method, path, "request", f"unknown query parameter {one}")
                for one in contract.unknown(method, path, args)
            ]
        except PathNotFound as error:
            found.append(Violation(method, path, "address", str(error)))
        except OpenAPIError as error:
            found.append(Violation(method, path, "request", reason(error)))
        with self._guard:
            self.checked[f"{method} {path}"] += 1
            self._violations.extend(found)

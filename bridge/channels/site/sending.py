"""Posting replies to the website, and what each of its answers means.

A 2xx is the receipt; a redirect is a failure and is not followed; 410 is the receiver's way to
say "never again"; `Retry-After` is obeyed. The webhook's id is the reply's key, the same on every
try, so a receiver that remembers ids shows each reply once:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from bridge.channels.contract import Surroundings
from bridge.channels.site.payload import is_link
from bridge.errors import (
    BridgeError,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Refused,
    TooLong,
    Unreachable,
)
from bridge.model import Finding, Receipt, Reply, Urgency
from bridge.outside import never_sent, new_session, wait_named
from bridge.settings import Secret
from bridge.signing import LONGEST_ID, sign
from bridge.text.html import whole

_MOST_ANSWER = 64 * 1024
_LONGEST_WORDS = 300
_ID = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the answer's headers are needed for a wait, its JSON for id and words."""

    response: requests.Response
    data: dict[str, Any]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def words(self) -> str:
        """The website's own words about a refusal, in one line."""
        said = self.data.get("error") or self.data.get("message") or ""
        return " ".join(whole(said).split())[:_LONGEST_WORDS] if isinstance(said, str) else ""


@dataclass(frozen=True)
class Door:
    """Where the website takes replies. Each call has a connection of its own: one that the server
    has meanwhile given up would turn a reply into one whose outcome nobody knows."""

    url: str
    secrets: tuple[Secret, ...]
    surroundings: Surroundings

    def send(self, reply: Reply, to_id: str) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have arrived."""
        body = _body("reply.created", reply.intended_at, _data(reply, to_id))
        with self._posted(webhook_id_of(reply.key), body) as answer:
            if 200 <= answer.status < 300:
                return _receipt(answer.data, reply.key)
            raise self._refusal(answer, with_files=bool(reply.files))

    def examine(self, account: str) -> tuple[Finding, ...]:
        """A signed `ping` shows whether the address answers and the secret is the same there."""
        about = f"{account} (site)"
        now = self.surroundings.clock()
        ping = f"ping:{account}:{int(now.timestamp())}"
        found = []
        if urlsplit(self.url).scheme == "http":
            found.append(
                Finding(
                    about,
                    Urgency.ADVICE,
                    "replies travel unencrypted",
                    "give `reply_url` an https address unless it is on this machine",
                )
            )
        try:
            with self._posted(webhook_id_of(ping), _body("ping", now, {})) as answer:
                found.append(self._ping_answered(about, answer))
        except BridgeError as failure:
            says = f"reply_url gives no answer: {failure.because}"
            found.append(Finding(about, Urgency.PROBLEM, says, "check that the website is up"))
        return tuple(found)

    def _ping_answered(self, about: str, answer: Answer) -> Finding:
        if 200 <= answer.status < 300:
            return Finding(about, Urgency.OK, "reply_url takes our signed ping")
        failure = self._refusal(answer, with_files=False)
        if isinstance(failure, NeedsSignIn):
            do = "put the same `reply_secret` here and there, and check both clocks"
            return Finding(about, Urgency.PROBLEM, failure.because, do)
        if isinstance(failure, Misconfigured):
            return Finding(about, Urgency.PROBLEM, failure.because, "correct `reply_url`")
        says = f"reply_url answered our ping with {answer.status}"
        do = "let it answer 2xx to types it does not know, so that it can be checked"
        return Finding(about, Urgency.ADVICE, says, do)

    @contextmanager
    def _posted(self, webhook_id: str, body: bytes) -> Iterator[Answer]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers |= sign(self.secrets, webhook_id, self.surroundings.clock(), body)
        with new_session() as session:
            try:
                response = session.post(
                    self.url,
                    data=body,
                    headers=headers,
                    timeout=self.surroundings.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as lost:
                raise self._lost(lost) from lost
            with response:
                yield Answer(response, _json(response))

    def _lost(self, lost: requests.RequestException) -> BridgeError:
        if isinstance(lost, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            return Misconfigured("`reply_url` is not an address that can be asked")
        if never_sent(lost):
            return Unreachable(f"{self._host} cannot be reached ({type(lost).__name__})")
        return NobodyKnows(f"{self._host} was sent the reply and gave no answer")

    def _refusal(self, answer: Answer, *, with_files: bool) -> BridgeError:
        status, words = answer.status, answer.words
        for secret in self.secrets:
            words = words.replace(secret.reveal(), "***")
        says = f"{self._host} says: {words}" if words else f"{self._host} answered {status}"
        wait = wait_named(answer.response, self.surroundings.clock())
        if 300 <= status < 400:
            return Misconfigured(f"{self._host} sends us elsewhere ({status}), which is no receipt")
        if status in (401, 403):
            return NeedsSignIn(f"{says} (it does not accept our signature)")
        if status == 404 and words:
            return Gone(says)
        if status in (404, 405, 410):
            return Misconfigured(f"{self._host} takes no replies at `reply_url` ({status})")
        if status == 413:
            return Refused(f"{says}: too large with its files") if with_files else TooLong(says)
        if status == 429:
            return RateLimited(f"{self._host} asked us to wait", wait)
        if status in (408, 425, 503):
            return Unreachable(says, wait)
        if status >= 500:
            return NobodyKnows(f"{says} after the reply had been sent")
        return Refused(says)

    @property
    def _host(self) -> str:
        return urlsplit(self.url).netloc


def webhook_id_of(key: str) -> str:
    """The key itself where it may stand in the header, else its digest; the same every time."""
    if re.fullmatch(rf"[\w:/-]{{1,{LONGEST_ID}}}", key, re.ASCII):
        return key
    return "reply_" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _data(reply: Reply, to_id: str) -> dict[str, Any]:
    return {
        "id": reply.key,
        "thread_id": reply.thread_id,
        "in_reply_to": reply.in_reply_to,
        "visibility": str(reply.visibility),
        "text": whole(reply.text),
        "to": {"id": to_id, "name": whole(reply.to.name), "handle": whole(reply.to.handle)},
        "language": reply.language,
        "files": [
            {
                "filename": whole(file.filename),
                "content_type": file.content_type,
                "description": whole(file.description),
                "content_base64": base64.b64encode(file.content).decode(),
            }
            for file in reply.files
        ],
    }


def _body(kind: str, at: datetime, data: dict[str, Any]) -> bytes:
    """The same bytes on every try: `at` is when it was meant, not when it is sent."""
    payload = {"type": kind, "timestamp": at.isoformat(), "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _json(response: requests.Response) -> dict[str, Any]:
    """What is JSON in the answer. The status alone decides, so a body that is lost, too long or
    nonsense is only an empty one."""
    if len(response.content) > _MOST_ANSWER:
        return {}
    try:
        data = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _receipt(data: dict[str, Any], key: str) -> Receipt:
    """The website's own id and address of the reply, if it told any that can be kept."""
    given, url = data.get("id"), data.get("url")
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 2**63:
        given = str(given)
    own = given if isinstance(given, str) and _ID.fullmatch(given) else key
    seen = url if isinstance(url, str) and len(url) <= 2_000 and is_link(url) else ""
    return Receipt(own, seen)

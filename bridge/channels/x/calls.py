"""Asking X, and sorting what it answers into our kinds of failure.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors; which words mean what is in
`errors`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from bridge.channels.contract import Surroundings
from bridge.channels.x import errors
from bridge.channels.x.signin import Bearer, SignIn
from bridge.errors import (
    BridgeError,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Refused,
    Unreachable,
)
from bridge.model import File
from bridge.outside import how_lost, its_clock, new_session, wait_named
from bridge.settings import Secret

Params = dict[str, str]

USER_FIELDS = "id,name,username,profile_image_url,protected,public_metrics"
MEDIA_FIELDS = "alt_text,media_key,preview_image_url,type,url,variants"


@dataclass(frozen=True, slots=True)
class Spelling:
    """What X calls a post in a question. Its guide says `tweet`
    (https://docs.x.com/x-api/fundamentals/fields), its description of the API says `post`
    (https://api.x.com/2/openapi.json, 2.167); whichever it refuses, the other is asked."""

    parameter: str
    fields: str
    expansions: str


TWEET = Spelling(
    "tweet.fields",
    "attachments,author_id,conversation_id,created_at,display_text_range,entities,"
    "in_reply_to_user_id,lang,note_tweet,referenced_tweets",
    "author_id,attachments.media_keys",
)
POST = Spelling(
    "post.fields",
    "attachments,conversation_id,created_at,display_text_range,entities,lang,note_post",
    "author_id,attachments.media_keys,referenced_posts,edit_history_post_ids,in_reply_to_user_id",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What X said. `at` is its own clock (its Date header), None where it sent none; `access` is
    what the keys may do (its x-access-level header), "" where it does not say."""

    status: int
    told: dict[str, Any]
    at: datetime | None = None
    access: str = ""

    @property
    def data(self) -> Any:
        return self.told.get("data")

    @property
    def listed(self) -> list[Any]:
        """`data` where it is a list; X leaves it out when there is nothing."""
        return self.data if isinstance(self.data, list) else []

    @property
    def next(self) -> str:
        """The place of the next page, "" for none."""
        meta = self.told.get("meta")
        token = meta.get("next_token") if isinstance(meta, dict) else None
        return token if isinstance(token, str) else ""


@dataclass(slots=True)
class Calls:
    """One account's way to X. Each call has a connection of its own: one that X has meanwhile given
    up would turn a write into one whose outcome nobody knows. `bearer` is the app's own token."""

    url: str
    sign_in: SignIn
    bearer: Secret | None
    surroundings: Surroundings
    _spelling: Spelling = field(default=TWEET)

    def get(self, path: str, params: Params | None = None, *, as_app: bool = False) -> Answer:
        """Raises `Again` and its kin, `NeedsSignIn`, `Gone` (404), `Refused`."""
        return self._ask("GET", path, writes=False, as_app=as_app, params=params or {})

    def posts(self, path: str, params: Params) -> Answer:
        """A question whose answer is posts, with their people and pictures. Raises as `get`."""
        try:
            return self.get(path, {**params, **self._asked(self._spelling)})
        except errors.WrongQuestion:
            other = POST if self._spelling is TWEET else TWEET
            answer = self.get(path, {**params, **self._asked(other)})
            self._spelling = other
            return answer

    def write(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, as_app: bool = False
    ) -> Answer:
        """A request that changes something. Raises as `get` does, and `NobodyKnows` where it may
        have been carried out."""
        return self._ask(method, path, writes=True, as_app=as_app, json=body)

    def change(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, as_app: bool = False
    ) -> Answer:
        """A change that may safely be made twice (subscriptions, say): as `get`."""
        return self._ask(method, path, writes=False, as_app=as_app, json=body)

    def upload(self, path: str, file: File, form: dict[str, str]) -> Answer:
        """As `get`: an upload that belongs to no post is seen by nobody."""
        files = {"media": (file.filename, file.content, file.content_type)}
        return self._ask("POST", path, writes=False, as_app=False, data=form, files=files)

    def signed_header(self, url: str) -> dict[str, str]:
        """What signs the account in for one address that is fetched in another way."""
        request = requests.Request("GET", url, auth=self.sign_in.auth())
        value = request.prepare().headers["Authorization"]
        return {"Authorization": value.decode() if isinstance(value, bytes) else value}

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @staticmethod
    def _asked(spelling: Spelling) -> Params:
        return {
            spelling.parameter: spelling.fields,
            "expansions": spelling.expansions,
            "user.fields": USER_FIELDS,
            "media.fields": MEDIA_FIELDS,
        }

    def _ask(self, method: str, path: str, *, writes: bool, as_app: bool, **more: Any) -> Answer:
        auth = self._app() if as_app else self.sign_in.auth()
        try:
            return self._asked_once(method, path, auth, writes, more)
        except NeedsSignIn as dead:
            # 401 is a clear no, nothing was carried out: with another token it may be asked again.
            if as_app or isinstance(dead, errors.Stopped) or not self.sign_in.renewed(auth):
                raise
        return self._asked_once(method, path, self.sign_in.auth(), writes, more)

    def _app(self) -> Bearer:
        if not self.bearer:
            raise Misconfigured("the option bearer_token is missing: the app's own token")
        return Bearer(self.bearer)

    def _asked_once(
        self,
        method: str,
        path: str,
        auth: requests.auth.AuthBase,
        writes: bool,
        more: dict[str, Any],
    ) -> Answer:
        with new_session() as session:
            try:
                response = session.request(
                    method,
                    self.url + path,
                    headers={"Accept": "application/json", "Connection": "close"},
                    auth=auth,
                    timeout=self.surroundings.timeout,
                    allow_redirects=False,
                    **more,
                )
            except requests.RequestException as lost:
                raise how_lost(lost, self.url, writes) from None
            with response:
                return self._sorted(response, writes)

    def _sorted(self, response: requests.Response, writes: bool) -> Answer:
        status, told = response.status_code, _json(response)
        if 200 <= status < 300:
            if not isinstance(told, dict):
                odd = f"{self.host} answered {status} with something that is not JSON"
                raise NobodyKnows(odd) if writes else Unreachable(odd)
            access = response.headers.get("x-access-level", "")
            return Answer(status, told, its_clock(response), access)
        raise self._refusal(response, told, writes)

    def _refusal(self, response: requests.Response, told: Any, writes: bool) -> BridgeError:
        status, now = response.status_code, self.surroundings.clock()
        known = errors.refusal(status, told)
        if known is not None:
            return known
        words = errors.told(told)
        says = f"X says: {words}" if words else f"X answered {status}"
        if 300 <= status < 400:
            return Misconfigured(f"{self.host} sends us elsewhere: `url` is not X's own address")
        if status == 429:
            return RateLimited("X asked us to wait", wait_named(response, now))
        if status == 401:
            return NeedsSignIn(says)
        if status in (404, 410):
            return Gone(says)
        if status in (408, 425) or status >= 500:
            if writes:
                return NobodyKnows(f"{says} ({status}) after the request had been sent")
            return Unreachable(f"{says} ({status})", wait_named(response, now))
        if status == 409:
            return Unreachable(says)
        return Refused(says)


def _json(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None

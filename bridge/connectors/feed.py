"""Our own history API, read as any outsider would: over HTTP, with a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from marshmallow import ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from bridge.connectors.calls import Answer, Calls
from bridge.connectors.contract import Around
from bridge.connectors.signin import Fixed
from bridge.crm.schemas import NO_SUCH_RECORD, change_of
from bridge.errors import Again, BridgeError, Misconfigured, NeedsSignIn, Unreachable
from bridge.records import RECORDS, Change, Resource
from bridge.settings import Secret

PATHS = {
    Resource.CUSTOMER: "customers",
    Resource.IDENTITY: "identities",
    Resource.CONVERSATION: "conversations",
    Resource.INTERACTION: "interactions",
    Resource.MERGE: "merges",
}
KINDS = {str(each): each for each in RECORDS if each is not Resource.INTERACTION}
"""What an id begins with; whatever else it begins with is an interaction."""
TRIES = 6
_grows = wait_exponential_jitter(initial=1, max=60)


class MustRestart(BridgeError):
    """The cursor is good no more (410): the feed is to be read from the beginning."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """`resume` is where to go on, also after the last page."""

    changes: tuple[Change, ...]
    resume: str
    has_more: bool


@dataclass
class FeedClient:
    """`base_url` without /api/v1. Waits that the service asks for are kept, a few times; `around`
    gives the clock and the wait."""

    base_url: str
    token: Secret = field(repr=False)
    around: Around
    limit: int = 500

    def __post_init__(self) -> None:
        self._calls = Calls(self.base_url.rstrip("/"), self.around, Fixed(self.token))

    def page(self, cursor: str, only: Resource | None = None) -> FeedPage:
        """What changed after `cursor` ("" for all there is), or `only` what of one kind did. Raises
        `MustRestart`, `Again` after some tries, `NeedsSignIn`, `Misconfigured`."""
        params = {"limit": str(self.limit)} | ({"cursor": cursor} if cursor else {})
        params |= {"resource": str(only)} if only else {}
        answer = self._got("/api/v1/changes", params)
        if answer.status == 410:
            raise MustRestart("the cursor is too old: the feed is read from the beginning")
        told = self._told(answer)
        try:
            rows = tuple(_change(row) for row in told["data"])
            return FeedPage(rows, str(told["resume_cursor"]), bool(told["has_more"]))
        except (ValidationError, KeyError, ValueError, TypeError) as odd:
            raise Misconfigured(
                f"{self.base_url} answers something that is no page of a change feed"
            ) from odd

    def record(self, record_id: str) -> Change | None:
        """One record as it is now; None where the API itself says that there is none. Raises as
        `page` does, and `Unreachable` for a 404 of somebody else's: who took that for an erasure
        would remove what is there."""
        path = f"/api/v1/{PATHS[resource_of(record_id)]}/{quote(record_id, safe='')}"
        answer = self._got(path, {})
        if answer.status == 404:
            if isinstance(answer.data, dict) and answer.data.get("code") == NO_SUCH_RECORD:
                return None
            raise Unreachable(f"{self.base_url} answered 404, and not as the bridge does")
        try:
            return _change(self._told(answer))
        except (ValidationError, KeyError, ValueError, TypeError) as odd:
            raise Misconfigured(f"{self.base_url} answers something that is no record") from odd

    def _got(self, path: str, params: dict[str, str]) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception_type(Again),
            stop=stop_after_attempt(TRIES),
            wait=_wait,
            sleep=self.around.wait,
            reraise=True,
        )
        return retrying(self._calls.ask, "GET", path, params=params)

    def _told(self, answer: Answer) -> dict[str, Any]:
        if answer.status == 403:
            raise NeedsSignIn("the token of the history API lacks rights: make one with all scopes")
        if not answer.good:
            raise Misconfigured(f"{self.base_url} answered {answer.status}: is it the bridge?")
        if not isinstance(answer.data, dict):
            raise Unreachable(f"{self.base_url} answered something that nobody can read")
        return answer.data


def _change(row: dict[str, Any]) -> Change:
    """An empty field says what a missing one says. A tombstone's `type`, emptied with all the rest,
    is none of the words that the schema has for it."""
    return change_of({name: value for name, value in row.items() if value != ""})


def resource_of(record_id: str) -> Resource:
    return KINDS.get(record_id.rpartition("_")[0], Resource.INTERACTION)


def _wait(state: RetryCallState) -> float:
    failed = state.outcome.exception() if state.outcome else None
    named = failed.wait if isinstance(failed, Again) else None
    return named if named is not None else float(_grows(state))

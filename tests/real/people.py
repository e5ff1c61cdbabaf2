"""People on a Mastodon-compatible server, as their own apps would act: plain calls, no bridge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

import requests

TIMEOUT = (5.0, 20.0)

# A pause between two looks, in seconds, and how many looks: patience for about two minutes.
PAUSE = 0.2
LOOKS = 600

T = TypeVar("T")


class NotSeen(AssertionError):
    """What was waited for did not happen within the number of looks."""


def until(look: Callable[[], T], what: str) -> T:
    """The first true answer of `look`. Raises `NotSeen` naming `what`."""
    pause = Event()
    for _ in range(LOOKS):
        seen = look()
        if seen:
            return seen
        pause.wait(PAUSE)
    raise NotSeen(f"waited in vain for {what}")


@dataclass(frozen=True, slots=True)
class Customer:
    """One account on the server, with the token its app was given.

    `handle` is without a leading @, with the server's name. Statuses are the server's JSON as it
    is. Every call is a connection of its own: nothing here depends on a kept one.
    """

    url: str
    name: str
    account_id: str
    handle: str
    token: str = field(repr=False)
    password: str = field(repr=False)

    def post(
        self,
        text: str,
        visibility: str = "public",
        in_reply_to: str | None = None,
        media_ids: tuple[str, ...] = (),
    ) -> str:
        """Post `text` exactly as it is; the status' id. `server.at_brand` mentions the brand."""
        body: dict[str, Any] = {"status": text, "visibility": visibility}
        if in_reply_to is not None:
            body["in_reply_to_id"] = in_reply_to
        if media_ids:
            body["media_ids"] = list(media_ids)
        answer = self.call("POST", "/api/v1/statuses", json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def edit(self, status_id: str, text: str) -> None:
        """Change what an own status says."""
        answer = self.call("PUT", f"/api/v1/statuses/{status_id}", json={"status": text})
        answer.raise_for_status()

    def reads(self, status_id: str) -> dict[str, Any] | None:
        """The status by its id, None where the server says there is none for this person."""
        answer = self.call("GET", f"/api/v1/statuses/{status_id}")
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        status: dict[str, Any] = answer.json()
        return status

    def thread(self, status_id: str) -> list[dict[str, Any]]:
        """Everything this person is shown of the thread, the named status included, in order."""
        status = self.reads(status_id)
        answer = self.call("GET", f"/api/v1/statuses/{status_id}/context")
        if answer.status_code == 404:
            return []
        answer.raise_for_status()
        context = answer.json()
        own = [] if status is None else [status]
        return [*context["ancestors"], *own, *context["descendants"]]

    def notified(self) -> list[dict[str, Any]]:
        """The notifications of this person, newest first."""
        answer = self.call("GET", "/api/v1/notifications", params={"limit": 40})
        answer.raise_for_status()
        notifications: list[dict[str, Any]] = answer.json()
        return notifications

    def mentioned(self) -> list[dict[str, Any]]:
        """The statuses this person was notified of as mentions, newest first."""
        return [
            one["status"] for one in self.notified() if one["type"] == "mention" and one["status"]
        ]

    def timeline(self) -> list[dict[str, Any]]:
        """What stands in this person's home timeline, newest first, what they said included."""
        answer = self.call("GET", "/api/v1/timelines/home", params={"limit": 40})
        answer.raise_for_status()
        statuses: list[dict[str, Any]] = answer.json()
        return statuses

    def waits_for(self, status_id: str) -> dict[str, Any]:
        """The status, once this person was notified of it. Raises `NotSeen`."""
        (found,) = until(
            lambda: [one for one in self.mentioned() if one["id"] == status_id][:1],
            f"{self.name} to be told of {status_id}",
        )
        return found

    def is_shown(self, status_id: str, thread_of: str = "") -> bool:
        """Whether the server puts the status before this person anywhere of its own accord:
        notifications, home, the public timeline, and the thread of `thread_of`."""
        shown = self.mentioned()
        public = self.call("GET", "/api/v1/timelines/public", params={"limit": 40})
        public.raise_for_status()
        shown += [*self.timeline(), *public.json()]
        if thread_of:
            context = self.call("GET", f"/api/v1/statuses/{thread_of}/context")
            if context.status_code != 404:
                context.raise_for_status()
                shown += [*context.json()["ancestors"], *context.json()["descendants"]]
        return status_id in {one["id"] for one in shown}

    def uploads(self, picture: bytes, description: str) -> str:
        """Upload a PNG; the id to post it with."""
        answer = self.call(
            "POST",
            "/api/v2/media",
            files={"file": ("picture.png", picture, "image/png")},
            data={"description": description},
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """One plain request as this person; the answer as it came."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Connection": "close",
            **arguments.pop("headers", {}),
        }
        return requests.request(
            method, self.url + path, headers=headers, timeout=TIMEOUT, **arguments
        )

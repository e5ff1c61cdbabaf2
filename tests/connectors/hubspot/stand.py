"""A stand-in of HubSpot: the part of its custom channels API that the connector uses.

Shapes: the vendor's OpenAPI document `Conversations Custom Channels` (PublicConversationsMessage,
PublicChannelAccount, Error) and
https://developers.hubspot.com/docs/api-reference/2026-03/conversations/custom-channels/guide
That a repeated `integrationIdempotencyId` is answered 409 is an assumption.
"""

from __future__ import annotations

from typing import Any

from connectors.stand import Stand
from flask import jsonify, request

BASE = "/conversations/custom-channels/2026-03/<int:channel>"
REQUIRED = (
    "attachments",
    "channelAccountId",
    "messageDirection",
    "recipients",
    "senders",
    "text",
    "timestamp",
)
ID = "aeb5f871-7f07-4993-9211-075dc63e7cbf"


def wrong(category: str, message: str, **more: Any) -> dict[str, Any]:
    return {
        "status": "error",
        "category": category,
        "message": message,
        "correlationId": ID,
        **more,
    }


class HubSpotStand(Stand):
    """One portal with one channel, number 7, whose conversations are threads by our ids."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.refresh = "refresh-me"
        self.accounts: list[dict[str, Any]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.model = "INTEGRATION_THREAD_ID"
        self.app.before_request(self._signed_in)
        add = self.app.add_url_rule
        add("/oauth/2026-03/token", view_func=self._token, methods=["POST"])
        add(BASE, view_func=self._channel)
        add(f"{BASE}/channel-accounts", view_func=self._accounts)
        add(f"{BASE}/channel-accounts", view_func=self._new_account, methods=["POST"])
        add(f"{BASE}/messages", view_func=self._publish, methods=["POST"])
        add(f"{BASE}/messages/<number>", view_func=self._message, methods=["GET", "PATCH"])

    def _signed_in(self) -> Any:
        if request.path.startswith("/oauth"):
            return None
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            says = "Authentication credentials not found."
            return jsonify(wrong("INVALID_AUTHENTICATION", says)), 401
        if "/2026-03/7" not in request.path:
            return jsonify(wrong("OBJECT_NOT_FOUND", "Channel not found")), 404
        return None

    def _token(self) -> Any:
        if request.form["refresh_token"] != self.refresh or request.form["client_secret"] != "hush":
            return jsonify(status="BAD_REFRESH_TOKEN", message="missing or invalid"), 400
        return jsonify(access_token=self.token, refresh_token=self.refresh, expires_in=1800)

    def _channel(self, channel: int) -> Any:
        return jsonify(id=str(channel), name="Bridge", capabilities={"threadingModel": self.model})

    def _accounts(self, channel: int) -> Any:
        wanted = request.args["deliveryIdentifierValue"]
        found = [a for a in self.accounts if a["deliveryIdentifier"]["value"] == wanted]
        return jsonify(results=found, total=len(found))

    def _new_account(self, channel: int) -> Any:
        asked = request.get_json()
        made = {
            **asked,
            "id": str(100 + len(self.accounts)),
            "channelId": str(channel),
            "active": True,
            "archived": False,
            "createdAt": "2026-11-21T12:00:00Z",
        }
        self.accounts.append(made)
        return jsonify(made), 201

    def _publish(self, channel: int) -> Any:
        asked = request.get_json()
        missing = [name for name in REQUIRED if name not in asked]
        if missing or not asked["text"]:
            errors = [{"message": "is required", "in": name} for name in missing or ["text"]]
            says = f"Invalid input JSON: {asked.get('text')!r}"
            return jsonify(wrong("VALIDATION_ERROR", says, errors=errors)), 400
        key = asked["integrationIdempotencyId"]
        if any(each["integrationIdempotencyId"] == key for each in self.messages.values()):
            return jsonify(wrong("CONFLICT", "integrationIdempotencyId already used")), 409
        number = f"m{len(self.messages) + 1}"
        made = {
            **asked,
            "id": number,
            "type": "MESSAGE",
            "direction": asked["messageDirection"],
            "channelId": str(channel),
            "conversationsThreadId": f"thread-of-{asked['integrationThreadId']}",
            "archived": False,
        }
        self.messages[number] = made
        return jsonify(made), 201

    def _message(self, channel: int, number: str) -> Any:
        if number not in self.messages:
            return jsonify(wrong("OBJECT_NOT_FOUND", "Message not found")), 404
        if request.method == "PATCH":
            self.messages[number]["status"] = request.get_json()
        return jsonify(self.messages[number])


__all__ = ["HubSpotStand", "wrong"]

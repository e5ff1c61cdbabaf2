"""Pictures and films: https://docs.x.com/x-api/media/upload-media

Sizes are those of https://docs.x.com/x-api/media/quickstart/best-practices. Pictures of posts are
open to everybody; those of direct messages want the signature of somebody who may read them.
"""

from __future__ import annotations

import base64
import binascii

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x.gate import PERSON, Gate
from bridge.sandbox.x.people import Refusal, invalid
from bridge.sandbox.x.posts import Upload

MEGABYTE = 1024 * 1024
SIZES = {"image": 5 * MEGABYTE, "gif": 15 * MEGABYTE, "video": 512 * MEGABYTE}
CATEGORIES = ("tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif")
TAKEN = ("media", "media_category", "additional_owners")
STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


def media_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_media", __name__), gate.town

    @api.post("/2/media/upload")
    def upload() -> ResponseReturnValue:
        person = gate.member("media.write")
        category, content = _sent()
        if category not in CATEGORIES:
            raise invalid(f"$.media_category: {category} is not known", {"media_category": []})
        if len(content) > SIZES[category.split("_")[1]]:
            raise invalid("$.media: is too large", {"media": []})
        kind = _content_type(content, category)
        new = town.upload(person.username, content, kind, category)
        seconds = int((new.until - town.clock()).total_seconds())
        size = len(content)
        data = {"id": new.id, "media_key": new.key, "size": size, "expires_after_secs": seconds}
        return jsonify(data=data)

    @api.get("/media/<upload_id>")
    def public(upload_id: str) -> ResponseReturnValue:
        found = town.media(upload_id)
        if found is None or found.category.startswith("dm_"):
            raise Refusal(404, "No such picture.")
        return _bytes(found)

    def private(message_id: str, upload_id: str) -> ResponseReturnValue:
        caller = gate.caller(PERSON, "dm.read", "tweet.read", "users.read")
        found = town.media(upload_id)
        theirs = any(
            (one.id, one.media) == (message_id, upload_id)
            and caller.id in (one.sender, one.recipient)
            for one in town.messages()
        )
        if found is None or not theirs:
            raise Refusal(404, "No such picture.")
        return _bytes(found)

    @api.get("/1.1/ton/data/dm/<message_id>/<upload_id>/<name>")
    def legacy(message_id: str, upload_id: str, name: str) -> ResponseReturnValue:
        """Where `media_url_https` of a direct message leads."""
        return private(message_id, upload_id)

    @api.get("/2/dm_conversations/media/<message_id>/<upload_id>/<name>")
    def message(message_id: str, upload_id: str, name: str) -> ResponseReturnValue:
        """https://docs.x.com/x-api/direct-messages/download-dm-media"""
        return private(message_id, upload_id)

    return api


def _sent() -> tuple[str, bytes]:
    """Category and bytes, from a form or from JSON with the bytes in base64. Raises `Refusal`."""
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or set(body) - set(TAKEN):
            raise invalid("$: unknown fields")
        try:
            content = base64.b64decode(str(body.get("media", "")), validate=True)
        except binascii.Error as error:
            raise invalid("$.media: is no base64") from error
        return str(body.get("media_category", "")), content
    unknown = {*request.form, *request.files} - set(TAKEN)
    if unknown:
        raise invalid(f"$: unknown fields {', '.join(sorted(unknown))}")
    sent = request.files.get("media")
    return request.form.get("media_category", ""), sent.read() if sent else b""


def _content_type(content: bytes, category: str) -> str:
    """X looks at the bytes, not at what they are called. Raises `Refusal`."""
    if category.endswith("_video"):
        return "video/mp4"
    for start, kind in STARTS.items():
        if content.startswith(start):
            return kind
    raise invalid("$.media: unsupported media type", {"media": []})


def _bytes(found: Upload) -> Response:
    answer = Response(found.content, content_type=found.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer

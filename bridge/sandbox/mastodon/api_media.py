"""Pictures, films and sounds: https://docs.joinmastodon.org/methods/media/

Pictures are ready at once (200); films and sounds are processed for a while (202, `url` null),
and so is everything while `media_processes_later` is on.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.mastodon import asked, shapes
from bridge.sandbox.mastodon.gate import Gate
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import Upload

PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif")
SOUNDS_AND_FILMS = (
    "video/webm",
    "video/mp4",
    "video/quicktime",
    "video/ogg",
    "audio/wav",
    "audio/ogg",
    "audio/mpeg",
    "audio/flac",
    "audio/aac",
    "audio/mp4",
)


def media_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("media", __name__), gate.town

    def take(person: Person) -> Upload:
        sent = request.files.get("file")
        if sent is None:
            raise Refusal(422, "Validation failed: File can't be blank")
        kind = sent.mimetype
        if kind not in (*PICTURES, *SOUNDS_AND_FILMS):
            raise Refusal(422, "Validation failed: File content type is invalid, File is invalid")
        body = sent.read()
        most = town.limits.image_size if kind in PICTURES else town.limits.video_size
        if len(body) > most:
            megabytes = f"{most / 1024 / 1024:g}"
            raise Refusal(422, f"Validation failed: File must be less than {megabytes} MB")
        later = kind not in PICTURES or gate.odd("media_processes_later")
        return town.upload(
            person.acct,
            body,
            kind,
            sent.filename or "file",
            asked.text(request, "description"),
            town.limits.processing if later else timedelta(0),
        )

    def processing(upload: Upload) -> bool:
        return upload.ready_at > town.clock()

    def mine(upload_id: str, person: Person) -> Upload:
        """Once it hangs on a post, it is no longer found here."""
        upload = town.media(upload_id)
        if upload is None or upload.owner != person.id or upload.status_id:
            raise Refusal(404, "Record not found")
        return upload

    def shown(upload: Upload) -> Response:
        return jsonify(shapes.media(upload, request.host_url[:-1], processing=processing(upload)))

    @api.post("/api/v2/media")
    def create() -> ResponseReturnValue:
        upload = take(gate.member("write:media"))
        return shown(upload), 202 if processing(upload) else 200

    @api.post("/api/v1/media")
    def create_and_wait() -> ResponseReturnValue:
        upload = take(gate.member("write:media"))
        return jsonify(shapes.media(upload, request.host_url[:-1]))

    @api.get("/api/v1/media/<upload_id>")
    def show(upload_id: str) -> ResponseReturnValue:
        upload = mine(upload_id, gate.member("write:media"))
        return shown(upload), 206 if processing(upload) else 200

    @api.put("/api/v1/media/<upload_id>")
    def describe(upload_id: str) -> ResponseReturnValue:
        upload = mine(upload_id, gate.member("write:media"))
        return shown(town.describe(upload.id, asked.text(request, "description")))

    @api.get("/system/media_attachments/files/<upload_id>/<size>/<name>")
    def file(upload_id: str, size: str, name: str) -> ResponseReturnValue:
        """The bytes themselves, for anyone who knows the address, as on real servers."""
        upload = town.media(upload_id)
        if upload is None:
            raise Refusal(404, "Record not found")
        answer = Response(upload.content, content_type=upload.content_type)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    return api

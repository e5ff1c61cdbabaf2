"""Files by link: signed and short-lived, WhatsApp's with the token as well.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.town import Town


def files_api(town: Town) -> Blueprint:
    files = Blueprint("files", __name__)

    @files.get("/cdn/<file_id>")
    def cdn(file_id: str) -> ResponseReturnValue:
        until, signature = request.args.get("oe", ""), request.args.get("oh", "")
        if not town.files.signed("cdn", file_id, until, signature):
            return Response("URL signature expired", 403, content_type="text/plain")
        return _content(town.files.find(file_id))

    @files.get("/whatsapp_business/attachments/")
    def whatsapp() -> ResponseReturnValue:
        file_id = request.args.get("mid", "")
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        token = town.token(bearer.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.wrong or token.over(town.clock()):
            return Response("", 401)
        until, signature = request.args.get("ext", ""), request.args.get("hash", "")
        if not town.files.signed("whatsapp", file_id, until, signature):
            return Response("", 404)
        return _content(town.files.find(file_id))

    return files


def _content(file: File | None) -> Response:
    if file is None:
        return Response("", 404)
    return Response(file.content, content_type=file.content_type)

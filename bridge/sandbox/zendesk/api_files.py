"""Uploads, and the bytes of attachments behind two addresses.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
An attachment's `content_url` wants the bearer and redirects to a store that must not see it: the
store refuses a request that carries one, as object stores do.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from bridge.model import File
from bridge.sandbox.zendesk import serial
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.records import Refusal, not_found


def upload_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("uploads", __name__, url_prefix="/api/v2")

    @routes.post("/uploads")
    def upload() -> tuple[dict[str, Any], int]:
        filename = request.args.get("filename", "")
        content = request.get_data()
        if not filename or not content:
            raise Refusal(422, "AttachmentUnprocessable", "A filename and a file are needed")
        kind = request.content_type or "application/unknown"
        stored = desk.store(File(filename, kind, content))
        made = desk.add_upload((stored,), request.args.get("token", ""))
        return {"upload": serial.upload(desk, made)}, 201

    @routes.delete("/uploads/<token>")
    def forget(token: str) -> tuple[str, int]:
        if desk.uploads.pop(token, None) is None:
            raise not_found()
        return "", 204

    @routes.get("/attachments/<int:file_id>")
    def show(file_id: int) -> dict[str, Any]:
        for one in desk.files.values():
            if one.id == file_id:
                return {"attachment": serial.attachment(desk, one)}
        raise not_found()

    return routes


def content_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("content", __name__)

    @routes.get("/attachments/token/<secret>/")
    def behind_sign_in(secret: str) -> BaseResponse:
        header = request.headers.get("Authorization", "")
        if not desk.tokens.is_good(header.removeprefix("Bearer ")):
            raise Refusal(401, "invalid_token", "Sign in to see this attachment")
        if secret not in desk.files:
            raise not_found()
        base = desk.content_address or desk.address
        return redirect(f"{base}/content-store/{secret}", 302)

    @routes.get("/content-store/<secret>")
    def content(secret: str) -> Response:
        # The store is another house with a lock of its own, unless this one serves both.
        if desk.content_address and "Authorization" in request.headers:
            raise Refusal(400, "InvalidArgument", "Only one auth mechanism allowed")
        file = desk.files.get(secret)
        if file is None:
            raise not_found()
        response = Response(file.content, content_type=file.content_type)
        response.headers["Content-Disposition"] = "attachment"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return routes

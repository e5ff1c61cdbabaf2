"""The stand-in website as a web application: where replies arrive, and a page for customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from bridge.errors import NotGenuine
from bridge.sandbox.faults import Faults
from bridge.sandbox.site.website import (
    BRAND,
    LONGEST,
    Customer,
    Message,
    NoSuchMessage,
    Upload,
    Website,
    parsed,
)
from bridge.signing import verify

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REPLIES = "/replies"
_MOST_BODY = 80 * 1024 * 1024


class _Faulty(Flask):
    """An application with its faults in front of it."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(__name__, static_folder="static", static_url_path="/static")
        self._behind_faults = faults.wrap(super().wsgi_app)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._behind_faults(environ, start_response)


def create_app(website: Website) -> Flask:
    app = _Faulty(website.faults)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BODY
    _replies(app, website)
    _pages(app, website)

    @app.before_request
    def same_site() -> ResponseReturnValue | None:
        """Another website open in the same browser must not write here."""
        origin = request.headers.get("Origin", "")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
            return jsonify(error="posting from another site is not allowed"), 403
        return None

    @app.after_request
    def keep_to_ourselves(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.errorhandler(NoSuchMessage)
    def gone(_error: NoSuchMessage) -> ResponseReturnValue:
        return jsonify(error="this message is no longer here"), 404

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> ResponseReturnValue:
        # No `error` in it: that word says that the website itself speaks of a message.
        return jsonify(status=error.name), error.code or 500

    return app


def _replies(app: Flask, website: Website) -> None:
    @app.post(REPLIES)
    def reply() -> ResponseReturnValue:
        body = request.get_data()
        try:
            webhook_id = verify(dict(request.headers), body, website.reply_secrets, website.clock())
        except NotGenuine as wrong:
            return jsonify(error=wrong.because), 401
        try:
            kind, data = parsed(body)
            if kind != "reply.created":
                return jsonify(ignored=kind), 200
            message = website.take_reply(webhook_id, data)
        except ValidationError as wrong:
            return jsonify(error=str(wrong.messages)), 422
        return jsonify(id=message.id, url=f"{request.host_url}m/{message.id}"), 201


def _pages(app: Flask, website: Website) -> None:
    def me() -> Customer:
        return website.customer(request.values.get("me", "")) or website.customers[0]

    def own(message_id: str) -> Message:
        for message in website.messages():
            if message.id == message_id and message.author == me().id and not message.deleted:
                return message
        raise NoSuchMessage(message_id)

    def back() -> ResponseReturnValue:
        return redirect("/?" + urlencode({"me": me().id}), 303)

    def threads(chosen: str = "") -> list[list[Message]]:
        """Newest conversation first, each from its beginning."""
        found: dict[str, list[Message]] = {}
        for message in website.messages():
            if website.may_read(me().id, message) and chosen in ("", message.thread_id):
                found.setdefault(message.thread_id, []).append(message)
        return sorted(found.values(), key=lambda one: one[-1].at, reverse=True)

    def shown(template: str, **more: object) -> str:
        names = {one.id: one.name for one in website.customers} | {BRAND: "Acme Support"}
        return render_template(
            f"sandbox_site/{template}",
            me=me(), people=website.customers, names=names, brand=BRAND, most=LONGEST, **more,
        )  # fmt: skip

    @app.get("/")
    def front() -> str:
        return shown(
            "page.html", threads=threads(), answered=request.args.get("answer", ""), one=""
        )

    @app.get("/feed")
    def feed() -> str:
        return shown("feed.html", threads=threads(request.args.get("thread", "")))

    @app.get("/m/<message_id>")
    def thread(message_id: str) -> str:
        for message in website.messages():
            if message.id == message_id and website.may_read(me().id, message):
                one = message.thread_id
                return shown("page.html", threads=threads(one), answered="", one=one)
        raise NoSuchMessage(message_id)

    @app.get("/files/<number>")
    def file(number: str) -> ResponseReturnValue:
        upload = website.upload(number)
        if upload is None:
            raise NoSuchMessage(number)
        shows = upload.content_type.startswith("image/") and "svg" not in upload.content_type
        kind = upload.content_type if shows else "application/octet-stream"
        return Response(upload.content, content_type=kind)

    @app.post("/write")
    def write() -> ResponseReturnValue:
        text = request.form.get("text", "").strip()
        picture = request.files.get("picture")
        uploads: tuple[Upload, ...] = ()
        if picture and picture.filename:
            made = website.new_upload(picture.filename, picture.mimetype, picture.read())
            uploads = (made,)
        if text or uploads:
            website.write(
                me().id,
                text[:LONGEST],
                private=request.form.get("visibility") == "private",
                parent=request.form.get("answer", ""),
                subject=request.form.get("subject", "").strip()[:200],
                uploads=uploads,
            )
        return back()

    @app.post("/change")
    def change() -> ResponseReturnValue:
        website.edit(own(request.form.get("id", "")).id, request.form.get("text", "")[:LONGEST])
        return back()

    @app.post("/delete")
    def delete() -> ResponseReturnValue:
        website.delete(own(request.form.get("id", "")).id)
        return back()

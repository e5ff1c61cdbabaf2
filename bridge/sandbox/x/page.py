"""The page on which a person is the customer: write, answer, edit, delete, and see what arrives."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bridge.sandbox import frame
from bridge.sandbox.x import cards
from bridge.sandbox.x.api_media import STARTS
from bridge.sandbox.x.people import Person, Refusal
from bridge.sandbox.x.posts import Post
from bridge.sandbox.x.town import Town

LARGEST = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Writing:
    """What stands in the form: a new post, an answer, an edit, or what was refused just now."""

    text: str = ""
    private: bool = False
    reply: str = ""
    edit: str = ""
    about: str = ""
    error: str = ""


def page(town: Town) -> Blueprint:
    pages = Blueprint("x_page", __name__)
    frame.guard(pages, lambda why: Refusal(403, why))

    def me() -> Person:
        """The customer one has chosen to be: never the brand."""
        chosen = town.known(request.values.get("me", ""))
        people = customers(town)
        if not people:
            raise Refusal(404, "Nobody lives here yet")
        return chosen if chosen in people else people[0]

    def shown(writing: Writing, status: int = 200) -> ResponseReturnValue:
        person, brand = me(), town.find(town.brand)
        blocked = town.blocks(person.id, brand.id)
        return (
            render_template(
                "sandbox_x/page.html",
                me=person,
                people=customers(town),
                brand=town.brand,
                writing=writing,
                blocked=blocked,
                **cards.feed(town, person),
            ),
            status,
        )

    def own(post_id: str) -> Post:
        one = town.at(post_id)
        if one is None or one.author != me().id:
            raise Refusal(404, "That post is gone")
        return one

    def back() -> ResponseReturnValue:
        return redirect("/?" + urlencode({"me": me().username}), 303)

    @pages.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        return render_template("sandbox_x/gone.html", why=error.detail), error.status

    @pages.get("/")
    def home() -> ResponseReturnValue:
        person, editing = me(), request.args.get("edit", "")
        if editing:
            one = own(editing)
            return shown(Writing(one.visible, edit=one.id))
        answered = town.at(request.args.get("reply", ""))
        if answered is not None and town.can_see(person.id, answered):
            return shown(Writing(reply=answered.id, about=answered.visible))
        return shown(Writing(f"@{town.brand} "))

    @pages.get("/page/feed")
    def feed() -> ResponseReturnValue:
        """Only what changes by itself; the page asks for it every few seconds."""
        person = me()
        return render_template(
            "sandbox_x/feed.html", me=person, brand=town.brand, **cards.feed(town, person)
        )

    @pages.post("/page/post")
    def post() -> ResponseReturnValue:
        person, text = me(), request.form.get("text", "").replace("\r\n", "\n")
        private = request.form.get("visibility") == "private"
        reply, editing = request.form.get("reply", ""), request.form.get("edit", "")
        try:
            if editing:
                town.edit(own(editing).id, text)
            elif private:
                town.dm(person.username, text, media=_picture(town, person, "dm_image"))
            else:
                picture = _picture(town, person, "tweet_image")
                town.post(person.username, text, reply, media=[picture] if picture else [])
        except Refusal as error:
            return shown(Writing(text, private, reply, editing, error=said(error)), error.status)
        return back()

    @pages.post("/page/delete")
    def delete() -> ResponseReturnValue:
        town.delete(own(request.form.get("id", "")).id)
        return back()

    @pages.post("/page/block")
    def block() -> ResponseReturnValue:
        """Block the brand, or make up again."""
        person, brand = me(), town.find(town.brand)
        change = town.unblock if town.blocks(person.id, brand.id) else town.block
        change(person.username, brand.username)
        return back()

    @pages.post("/page/messages")
    def messages() -> ResponseReturnValue:
        """Take messages from everybody, or from nobody new."""
        person = me()
        town.change(person.username, receives_dms=not person.receives_dms)
        return back()

    @pages.get("/page/picture/<message_id>")
    def picture(message_id: str) -> ResponseReturnValue:
        """A picture in a message, for those two whom it concerns."""
        for one in town.messages():
            upload = town.media(one.media)
            if one.id == message_id and upload and me().id in (one.sender, one.recipient):
                return Response(upload.content, content_type=upload.content_type)
        raise Refusal(404, "No such picture")

    @pages.get("/<username>/status/<post_id>")
    def permalink(username: str, post_id: str) -> ResponseReturnValue:
        """A thread by itself."""
        one, viewer = town.at(post_id), town.known(request.args.get("me", ""))
        seer = viewer.id if viewer else ""
        if one is None or not town.can_see(seer, one):
            raise Refusal(404, "This post was deleted, or it is not for everybody.")
        thread = [
            each
            for each in town.thread(post_id)
            if town.can_see(seer, each) and (each.author == seer or not town.is_hidden(each))
        ]
        return render_template(
            "sandbox_x/thread.html",
            cards=cards.nested(town, thread, viewer),
            chosen=post_id,
            brand=town.brand,
            me=viewer,
        )

    @pages.get("/avatars/<person_id>.svg")
    def avatar(person_id: str) -> ResponseReturnValue:
        person = town.by_id(person_id)
        return frame.portrait(person.name, person.username) if person else frame.portrait("", "")

    return pages


def customers(town: Town) -> tuple[Person, ...]:
    return tuple(one for one in town.people() if one.username != town.brand)


def said(error: Refusal) -> str:
    """The most telling sentence of a refusal."""
    listed = error.more.get("errors") or [{}]
    return str(listed[0].get("message") or error.detail)


def _picture(town: Town, person: Person, category: str) -> str:
    """The id of what was sent along, "" if nothing was. Raises `Refusal`."""
    sent = request.files.get("picture")
    if sent is None or not sent.filename:
        return ""
    content = sent.read()
    if len(content) > LARGEST or sent.mimetype not in STARTS.values():
        raise Refusal(422, "Only pictures of up to 5 megabytes can be attached here")
    return town.upload(person.username, content, sent.mimetype, category).id

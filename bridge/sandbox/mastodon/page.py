"""The page on which a person is the customer: write, answer, edit, delete, and see what arrives."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bridge.sandbox import frame
from bridge.sandbox.mastodon import cards
from bridge.sandbox.mastodon.api_media import PICTURES
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import Reach, Status
from bridge.sandbox.mastodon.town import Town


@dataclass(frozen=True, slots=True)
class Writing:
    """What stands in the form: a new post, an answer, an edit, or what was refused just now."""

    text: str = ""
    direct: bool = False
    reply: str = ""
    edit: str = ""
    about: str = ""
    error: str = ""


def page(town: Town) -> Blueprint:
    pages = Blueprint("page", __name__)
    frame.guard(pages, lambda why: Refusal(403, why))

    def me() -> Person:
        """The customer one has chosen to be: never the brand."""
        chosen = town.known(request.values.get("me", ""))
        people = customers(town)
        if not people:
            raise Refusal(404, "Nobody lives here yet")
        return chosen if chosen in people else people[0]

    def shown(writing: Writing, status: int = 200) -> ResponseReturnValue:
        person = me()
        return (
            render_template(
                "sandbox_mastodon/page.html",
                me=person,
                people=customers(town),
                brand=town.brand,
                writing=writing,
                blocked=_blocked(town, person),
                most=town.limits.characters,
                pictures=",".join(PICTURES),
                **cards.feed(town, person),
            ),
            status,
        )

    def own(status_id: str) -> Status:
        one = town.status(status_id)
        if one is None or one.author != me().id:
            raise Refusal(404, "That post is gone")
        return one

    @pages.get("/")
    def home() -> ResponseReturnValue:
        person, editing = me(), request.args.get("edit", "")
        if editing:
            one = own(editing)
            return shown(Writing(one.text, one.reach is Reach.DIRECT, edit=one.id))
        answered = town.status(request.args.get("reply", ""))
        if answered is not None and town.can_see(person.id, answered):
            return shown(_answer(town, person, answered))
        return shown(Writing(f"@{_brand_for(town, person)} "))

    @pages.get("/page/feed")
    def feed() -> ResponseReturnValue:
        """Only what changes by itself; the page asks for it every few seconds."""
        person = me()
        return render_template(
            "sandbox_mastodon/feed.html", me=person, brand=town.brand, **cards.feed(town, person)
        )

    @pages.post("/page/post")
    def post() -> ResponseReturnValue:
        person, text = me(), request.form.get("text", "").replace("\r\n", "\n")
        direct = request.form.get("visibility") == "direct"
        reply, editing = request.form.get("reply", ""), request.form.get("edit", "")
        try:
            if editing:
                town.edit(own(editing).id, text)
            else:
                town.post(
                    person.acct,
                    _named(town, person, text) if direct and not reply else text,
                    "direct" if direct else "public",
                    reply,
                    media=_picture(town, person),
                )
        except Refusal as error:
            said = Writing(text, direct, reply, editing, error=error.error)
            return shown(said, error.status)
        return _back(person)

    @pages.post("/page/delete")
    def delete() -> ResponseReturnValue:
        town.delete(own(request.form.get("id", "")).id)
        return _back(me())

    @pages.post("/page/block")
    def block() -> ResponseReturnValue:
        """Block the brand, or make up again."""
        person = me()
        change = town.unblock if _blocked(town, person) else town.block
        change(person.acct, town.brand)
        return _back(person)

    @pages.get("/@<acct>/<status_id>")
    def permalink(acct: str, status_id: str) -> ResponseReturnValue:
        """A thread by itself; direct posts only for those whom they concern (`?me=ada`)."""
        one = town.status(status_id)
        viewer = town.known(request.args.get("me", ""))
        seer = viewer.id if viewer else ""
        if one is None or not town.can_see(seer, one):
            return render_template("sandbox_mastodon/gone.html"), 404
        thread = [other for other in town.thread(status_id) if town.can_see(seer, other)]
        return render_template(
            "sandbox_mastodon/thread.html",
            cards=cards.nested(town, thread, viewer),
            chosen=status_id,
            brand=town.brand,
            me=viewer,
        )

    @pages.get("/@<acct>")
    def profile(acct: str) -> ResponseReturnValue:
        return redirect("/?" + urlencode({"me": acct}), 302)

    @pages.get("/avatars/<person_id>.svg")
    def avatar(person_id: str) -> ResponseReturnValue:
        person = town.by_id(person_id)
        return frame.portrait(person.name, person.acct) if person else frame.portrait("", "")

    return pages


def customers(town: Town) -> tuple[Person, ...]:
    return tuple(one for one in town.people() if one.acct != town.brand)


def _answer(town: Town, person: Person, answered: Status) -> Writing:
    """A form that answers a status: it names its author and whoever else was named."""
    named = [one for one in map(town.by_id, (answered.author, *answered.mentions)) if one]
    handles = dict.fromkeys(f"@{_handle(town, one, person)}" for one in named if one != person)
    direct = answered.reach is Reach.DIRECT
    names = " ".join(handles)
    return Writing(f"{names} " if names else "", direct, reply=answered.id, about=answered.text)


def _handle(town: Town, one: Person, writer: Person) -> str:
    """How `writer` has to spell somebody: without a server only on the writer's own."""
    if one.domain == writer.domain:
        return one.username
    return one.acct if one.domain else f"{one.username}@{town.domain}"


def _brand_for(town: Town, writer: Person) -> str:
    brand = town.known(town.brand)
    return _handle(town, brand, writer) if brand else town.brand


def _named(town: Town, writer: Person, text: str) -> str:
    """A direct message goes to whom it names; the form always writes to the brand."""
    brand = f"@{_brand_for(town, writer)}"
    return text if brand in text else f"{brand} {text}"


def _picture(town: Town, person: Person) -> tuple[str, ...]:
    sent = request.files.get("picture")
    if sent is None or not sent.filename:
        return ()
    if sent.mimetype not in PICTURES:
        raise Refusal(422, "Only pictures can be attached here")
    body = sent.read()
    if len(body) > town.limits.image_size:
        raise Refusal(422, "This picture is too large")
    described = request.form.get("description", "")
    upload = town.upload(person.acct, body, sent.mimetype, sent.filename, described)
    return (upload.id,)


def _blocked(town: Town, person: Person) -> bool:
    brand = town.known(town.brand)
    return brand is not None and town.blocks(person.id, brand.id)


def _back(person: Person) -> ResponseReturnValue:
    return redirect("/?" + urlencode({"me": person.acct}), 303)

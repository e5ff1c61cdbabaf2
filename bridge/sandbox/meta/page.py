"""The pages on which a person is the customer of a Page, an Instagram account, or a number."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bridge.sandbox import frame
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.people import Person
from bridge.sandbox.meta.places import Place, Words, place
from bridge.sandbox.meta.posts import Comment, Media, Post
from bridge.sandbox.meta.town import Town

LARGEST = 5 * 1024 * 1024
STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
NETWORKS = ("facebook", "instagram", "whatsapp")


class NotHere(Exception):
    """What a page was asked for is not there, or not for this customer."""

    def __init__(self, why: str, status: int = 404) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


@dataclass(frozen=True, slots=True)
class Writing:
    """What stands in the form: something new, an answer, an edit, or what was refused just now."""

    text: str = ""
    private: bool = False
    reply: str = ""
    edit: str = ""
    about: str = ""
    error: str = ""


def page(town: Town) -> Blueprint:
    pages = Blueprint("meta_page", __name__, template_folder="templates")
    frame.guard(pages, lambda why: NotHere(why, 403))

    def me() -> Person:
        people = town.people()
        if not people:
            raise NotHere("Nobody lives here yet")
        chosen = request.values.get("me", "")
        return next((one for one in people if one.handle == chosen), people[0])

    def places() -> tuple[Place, ...]:
        return tuple(place(town, one) for one in town.accounts())

    def here(network: str, account_id: str) -> Place:
        for one in places():
            if one.network == network and account_id in ("", one.id):
                return one
        raise NotHere("There is no such account")

    def is_told(at: Place) -> bool:
        """Whether any app hears of what is said at an account."""
        account = next(one for one in town.accounts() if one.id == at.id)
        above = account.page_id if isinstance(account, Instagram) else ""
        kind, hooks = town.object_of(account), town.hooks
        watching = (*hooks.subscribed(town.hooked_id(account)), *hooks.subscribed(above))
        return any(hooks.find(app_id, kind) for app_id in watching)

    def shown(at: Place, writing: Writing, status: int = 200) -> ResponseReturnValue:
        person = me()
        return (
            render_template(
                "sandbox_meta/page.html",
                me=person,
                people=town.people(),
                at=at,
                places=places(),
                told=is_told(at),
                writing=writing,
                blocked=at.blocks(person.handle),
                shown=at.shown(person.handle),
            ),
            status,
        )

    def back(at: Place) -> ResponseReturnValue:
        return redirect(f"/{at.network}/{at.id}?" + urlencode({"me": me().handle}), 303)

    def own(at: Place, one: str) -> str:
        text = at.text_of(me().handle, one)
        if text is None:
            raise NotHere("That is gone, or not yours", 403)
        return text

    @pages.errorhandler(NotHere)
    def not_here(error: NotHere) -> ResponseReturnValue:
        return render_template("sandbox_meta/gone.html", why=error.why), error.status

    @pages.get("/")
    def home() -> ResponseReturnValue:
        return render_template("sandbox_meta/home.html", places=places(), me=None)

    @pages.get("/<any(facebook, instagram, whatsapp):network>", defaults={"account_id": ""})
    @pages.get("/<any(facebook, instagram, whatsapp):network>/<account_id>")
    def account(network: str, account_id: str) -> ResponseReturnValue:
        at, editing = here(network, account_id), request.args.get("edit", "")
        if editing:
            return shown(at, Writing(own(at, editing), edit=editing))
        reply = request.args.get("reply", "")
        if not reply:
            return shown(at, Writing(private=not at.public))
        seen = at.shown(me().handle)
        for card in (*(one for thread in seen.threads for one in thread), *seen.private):
            if card.id == reply:
                return shown(at, Writing(private=card.private, reply=reply, about=card.words))
        raise NotHere("That is gone")

    @pages.get("/page/feed/<network>/<account_id>")
    def feed(network: str, account_id: str) -> ResponseReturnValue:
        """Only what changes by itself; the page asks for it every few seconds."""
        at, person = here(network, account_id), me()
        seen = at.shown(person.handle)
        return render_template("sandbox_meta/feed.html", me=person, at=at, shown=seen)

    @pages.post("/page/write/<network>/<account_id>")
    def write(network: str, account_id: str) -> ResponseReturnValue:
        at, text = here(network, account_id), request.form.get("text", "").replace("\r\n", "\n")
        private = not at.public or request.form.get("visibility") == "private"
        reply, editing = request.form.get("reply", ""), request.form.get("edit", "")
        picture = _picture()
        if editing:
            own(at, editing)
            at.edit(editing, text)
        elif text.strip() or picture:
            at.write(me().handle, Words(text, private, reply, picture))
        else:
            said = Writing(text, private, reply, error="Say something, or add a picture")
            return shown(at, said, 422)
        return back(at)

    @pages.post("/page/delete/<network>/<account_id>")
    def delete(network: str, account_id: str) -> ResponseReturnValue:
        at, one = here(network, account_id), request.form.get("id", "")
        own(at, one)
        at.delete(one)
        return back(at)

    @pages.post("/page/block/<network>/<account_id>")
    def block(network: str, account_id: str) -> ResponseReturnValue:
        """Block the brand, or make up again."""
        at, who = here(network, account_id), me().handle
        at.block(who, on=not at.blocks(who))
        return back(at)

    @pages.post("/page/seen/<network>/<account_id>")
    def seen(network: str, account_id: str) -> ResponseReturnValue:
        """Tell the brand that its messages were read."""
        at = here(network, account_id)
        at.seen(me().handle)
        return back(at)

    @pages.get("/facebook/posts/<post_id>")
    def post(post_id: str) -> ResponseReturnValue:
        return _thread(town.node(post_id), "facebook")

    @pages.get("/instagram/p/<media_id>")
    def medium(media_id: str) -> ResponseReturnValue:
        return _thread(town.node(media_id), "instagram")

    def _thread(node: object, network: str) -> ResponseReturnValue:
        """Leads to the account's page: threads have none of their own here."""
        if isinstance(node, Post) and not node.removed:
            return redirect(f"/{network}/{node.page_id}#s{node.id}")
        if isinstance(node, (Media, Comment)):
            return redirect(f"/{network}/{node.account_id}")
        raise NotHere("This was deleted, or never was")

    @pages.get("/avatars/<handle>.svg")
    def avatar(handle: str) -> ResponseReturnValue:
        names = {one.handle: one.name for one in town.people()}
        names |= {one.id: one.name for one in places()}
        response: Response = frame.portrait(names.get(handle, ""), handle)
        return response

    return pages


def _picture() -> bytes | None:
    """Raises `NotHere` for what is no picture."""
    sent = request.files.get("picture")
    if sent is None or not sent.filename:
        return None
    content: bytes = sent.read()
    if len(content) > LARGEST or not content.startswith(STARTS):
        raise NotHere("Only pictures of up to 5 megabytes can be attached here", 422)
    return content

"""Sending private messages, and reading them back: `/{account}/messages`, `/conversations`.

- https://developers.facebook.com/docs/graph-api/reference/page/messages
- https://developers.facebook.com/docs/graph-api/reference/page/message_attachments
- https://developers.facebook.com/docs/messenger-platform/conversations
"""

from __future__ import annotations

import json
from typing import Any

from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.inbox import Inbox
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.posts import Comment, Message, Post
from bridge.sandbox.meta.refusals import parameter, refuse, unknown_object
from bridge.sandbox.meta.selection import Known, Want, picked
from bridge.sandbox.meta.sending import check_action, check_window, made, read_outgoing
from bridge.sandbox.meta.shapes_feed import iso

DETAILED = 20
"""Only the newest messages of a conversation can be read in full."""

_STRUCTURED = ("recipient", "message", "reply_to")
USUAL = ("id", "created_time")
SCOPES = (
    "pages_messaging",
    "instagram_manage_messages",
    "instagram_business_manage_messages",
)


def messages_api(graph: Graph) -> None:
    @graph.on(Page, "messages", "POST", "pages_messaging", "instagram_manage_messages")
    def send(call: Call, page: Page) -> Answer:
        """Also for the Instagram account that is linked to the Page."""
        beside = call.town.beside(page.id)
        named = structured(call).get("recipient")
        to = next(iter(named.values()), "") if isinstance(named, dict) else ""
        if beside and call.town.owner(call.town.node(str(to))) == beside.id:
            return send_from(call, beside, beside.inbox)
        return send_from(call, page, page.inbox)

    @graph.on(Page, "message_attachments", "POST", "pages_messaging")
    def attach(call: Call, page: Page) -> Answer:
        """https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload"""
        beside = call.town.beside(page.id) if call.text("platform") == "instagram" else None
        return keep_attachment(call, (beside or page).inbox)

    @graph.on(Page, "conversations", "GET", "pages_messaging")
    def conversations(call: Call, page: Page) -> Answer:
        beside = call.town.beside(page.id)
        if call.text("platform") == "instagram" and beside:
            return listed(call, beside.inbox)
        if call.text("platform") not in ("", "messenger"):
            raise parameter("Param platform must be one of {INSTAGRAM, MESSENGER}")
        return listed(call, page.inbox)

    @graph.on(Message, "", "GET", *SCOPES)
    def one(call: Call, message: Message) -> Answer:
        inbox = inbox_of(call, message.account_id)
        return shown(inbox, message, call.wants)


def structured(call: Call) -> dict[str, Any]:
    """Forms carry objects as JSON in a field. Raises `Refusal`."""
    args = {name: value for name, value in call.args.items() if name != "_bearer"}
    for name in _STRUCTURED:
        if isinstance(args.get(name), str):
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                raise parameter(f"Param {name} must be valid JSON") from None
    return args


def uploaded(call: Call, owner: str) -> File | None:
    """The one file of a multipart form, kept; None if there is none. Raises `Refusal`."""
    if len(call.uploads) > 1:
        raise parameter("An incorrect number of files uploaded. Must upload exactly one file")
    for one in call.uploads.values():
        return call.town.files.keep(owner, one.content, one.content_type, one.filename)
    return None


def send_from(call: Call, account: Page | Instagram, inbox: Inbox) -> Answer:
    """One message, to a person or in answer to what somebody said in public; or only a sign that
    it was seen, or that somebody is typing."""
    if "sender_action" in call.args:
        return {"recipient_id": check_action(structured(call))}
    outgoing = read_outgoing(inbox, structured(call), uploaded(call, account.id))
    how, value = outgoing.to
    if how == "id":
        check_window(inbox, value, call.app, human=outgoing.human)
        return _dispatch(call, inbox, made(inbox, outgoing, value, call.app))
    target = account.ground.nodes.get(value)
    who = _may_answer(account, target, how, value)
    answer = _dispatch(call, inbox, made(inbox, outgoing, who, call.app, value))
    account.answered_privately(value, inbox.one(answer["message_id"]))
    return answer


def _may_answer(account: Page | Instagram, target: Any, how: str, value: str) -> str:
    """Who gets the private answer. Raises `Refusal`."""
    if isinstance(account, Page) and isinstance(target, Post) and not target.removed:
        if target.is_comment == (how == "comment_id"):
            account.check_private_reply(target)
            return account.messages_to(target)
    elif isinstance(account, Instagram) and how == "comment_id":
        if not isinstance(target, Comment) or target.removed:
            raise refuse("ig_private_reply_invalid_comment")
        account.check_private_reply(target)
        return account.messages_to(target)
    raise unknown_object("post", value)


def _dispatch(call: Call, inbox: Inbox, message: Message) -> Answer:
    inbox.sends(message)
    if inbox.echo_first:
        call.later.append(call.town.deliver)
    return {"recipient_id": message.who, "message_id": message.id}


def keep_attachment(call: Call, inbox: Inbox) -> Answer:
    args = structured(call)
    outgoing = read_outgoing(
        inbox, {**args, "recipient": {"id": "nobody"}}, uploaded(call, inbox.account_id)
    )
    if not outgoing.attachments:
        raise parameter("An incorrect number of files uploaded. Must upload exactly one file")
    return {"attachment_id": outgoing.attachments[0].file_id}


def inbox_of(call: Call, account_id: str) -> Inbox:
    account = call.town.node(account_id)
    inbox = getattr(account, "inbox", None)
    if not isinstance(inbox, Inbox):
        raise unknown_object("get", account_id)
    return inbox


def listed(call: Call, inbox: Inbox) -> Answer:
    """The conversations, the one with the newest message first, or the one with `user_id`. A
    stranger's id is no error: there is none."""
    newest = dict.fromkeys(one.who for one in reversed(inbox.messages()))
    wanted = call.text("user_id")
    people = [one for one in newest if wanted in ("", one)][: call.number("limit", 25)]
    return {"data": [_conversation(call, inbox, one) for one in people]}


def _conversation(call: Call, inbox: Inbox, who: str) -> Answer:
    messages = inbox.between(who)
    known: Known = {
        "id": lambda _: inbox.conversation_id(who),
        "updated_time": lambda _: iso(messages[-1].at),
        "message_count": lambda _: len(messages),
        "participants": lambda _: {"data": [_party(inbox, who), _party(inbox, "")]},
        "messages": lambda want: _page_of(inbox, messages, want),
    }
    return picked(known, call.wants, ("id", "updated_time"), "UnifiedThread")


def _page_of(inbox: Inbox, messages: tuple[Message, ...], want: Want) -> Answer:
    limit = want.modifiers.get("limit", "25")
    newest = tuple(reversed(messages))[: int(limit) if limit.isdigit() else 25]
    shown_first = [shown(inbox, one, want.inside) for one in newest[:DETAILED]]
    rest = [{"id": one.id, "created_time": iso(one.at)} for one in newest[DETAILED:]]
    return {"data": [*shown_first, *rest]}


def shown(inbox: Inbox, one: Message, wants: tuple[Want, ...]) -> Answer:
    if one.deleted:
        raise unknown_object("get", one.id)
    brand, person = _party(inbox, ""), _party(inbox, one.who)
    known: Known = {
        "id": lambda _: one.id,
        "created_time": lambda _: iso(one.at),
        "message": lambda _: one.text,
        "from": lambda _: brand if one.by_brand else person,
        "to": lambda _: {"data": [person if one.by_brand else brand]},
        "reply_to": lambda _: {"mid": one.reply_to} if one.reply_to else None,
        "attachments": lambda _: _attached(inbox, one),
    }
    return picked(known, wants, USUAL, "Message")


def _attached(inbox: Inbox, one: Message) -> Answer | None:
    files = [inbox.ground.files.find(each.file_id) for each in one.attachments]
    data = [_file(inbox, file) for file in files if file]
    return {"data": data} if data else None


def _file(inbox: Inbox, file: File) -> Answer:
    link = inbox.ground.files.link(file)
    told: Answer = {
        "id": file.id,
        "mime_type": file.content_type,
        "name": file.filename,
        "size": len(file.content),
    }
    if file.type in ("image", "video"):
        return {**told, f"{file.type}_data": {"url": link, "preview_url": link}}
    return {**told, "file_url": link}


def _party(inbox: Inbox, scoped_id: str) -> Answer:
    person = inbox.ground.whose(scoped_id)
    if person is None:
        account = inbox.ground.nodes[inbox.account_id]
        named = {"name": account.name} if inbox.network == "messenger" else {}
        return {**named, "id": inbox.account_id}
    if inbox.network == "instagram":
        return {"username": person.username, "id": scoped_id}
    return {"name": person.name, "email": f"{scoped_id}@facebook.com", "id": scoped_id}

"""An agent's reply as the messages it becomes on its network."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bridge.channels.contract import Channel, Limits
from bridge.errors import TooLong
from bridge.flow.allowed import NotAllowed
from bridge.flow.bridge import Bridge
from bridge.ledger.intents import Intent
from bridge.ledger.shapes import Draft, draft_from_json
from bridge.mapping import WhenTooLong
from bridge.model import File, Kind, Reply, Visibility
from bridge.text.split import split
from bridge.text.weigh import weigh


def parts(bridge: Bridge, channel: Channel, limits: Limits, draft: Draft) -> tuple[Draft, ...]:
    """The reply as the messages it will be. Files go with the first words, or, where one message
    carries either, each by itself after them."""
    texts = _texts(bridge, channel, limits, draft)
    if not limits.text_or_file or not draft.attachments:
        return tuple(
            replace(draft, text=text, attachments=() if number else draft.attachments)
            for number, text in enumerate(texts)
        )
    words = [replace(draft, text=text, attachments=()) for text in texts if text.strip()]
    files = [replace(draft, text="", attachments=(each,)) for each in draft.attachments]
    messages = (*words, *files)
    if len(messages) > 1 and limits.private_answers_once and _is_first_word(draft):
        raise NotAllowed("private_one_message", "")
    return messages


def _is_first_word(draft: Draft) -> bool:
    """A private answer to something public: where only one is allowed, it must be whole."""
    private = draft.visibility is Visibility.PRIVATE
    return private and draft.answers is not None and draft.answers is not Kind.DM


def _texts(bridge: Bridge, channel: Channel, limits: Limits, draft: Draft) -> tuple[str, ...]:
    """The text as the messages it will be, measured as it will really be sent."""

    def weight(text: str) -> int:
        return weight_of(bridge, channel, limits, replace(draft, text=text))

    used, most = weight(draft.text), limits.length.most
    if used <= most:
        return (draft.text,)
    wanted = bridge.mapping.too_long(draft.account, draft.visibility)
    whole = limits.private_answers_once and _is_first_word(draft)
    if wanted is WhenTooLong.REFUSE or whole or draft.template:
        raise TooLong(f"{used} of {most}")
    return split(draft.text, most, weight)


def weight_of(bridge: Bridge, channel: Channel, limits: Limits, draft: Draft) -> int:
    """How long one message is for its network, with what is put before it."""
    return weigh(shape_of(bridge, channel, draft), limits.length)


def shape_of(bridge: Bridge, channel: Channel, draft: Draft) -> str:
    """One message as its network will be given it, with what is put before it."""
    return channel.shape(_reply("", draft, bridge.clock()))


def unfetched(intent: Intent) -> tuple[File, ...]:
    """The files of a message that is looked for: that there are some tells it from another one."""
    attached = draft_from_json(intent.body).attachments
    return tuple(File(each.filename, each.content_type, b"") for each in attached)


def as_reply(intent: Intent, files: tuple[File, ...]) -> Reply:
    """The frozen draft of an intent, as the channel takes it."""
    return _reply(intent.key, draft_from_json(intent.body), intent.made_at, files)


def _reply(key: str, draft: Draft, at: datetime, files: tuple[File, ...] = ()) -> Reply:
    return Reply(
        key=key,
        account=draft.account,
        visibility=draft.visibility,
        text=draft.text,
        to=draft.to,
        in_reply_to=draft.in_reply_to,
        thread_id=draft.thread_id,
        intended_at=at,
        language=draft.language,
        files=files,
        answers=draft.answers,
        answered_at=draft.answered_at,
        heard_at=draft.heard_at,
        template=draft.template,
        automatic=draft.automatic,
    )

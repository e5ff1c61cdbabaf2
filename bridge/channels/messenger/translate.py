"""What a Page's private messages say, in the words of the model. Pure, and nothing is called.

The names of people do not come with their messages:
https://developers.facebook.com/docs/messenger-platform/identity/user-profile
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.channels.meta import messages, shown
from bridge.channels.meta.envelope import Item, Place
from bridge.channels.meta.messages import Talk
from bridge.model import Event, Ignored, Kind, Label, Person, Post, Removal, Visibility
from bridge.text.html import line, whole

PLACES = (Place.MESSAGING, Place.STANDBY)
THE_PAGE = "our Page"

_LONGEST_PAYLOAD = 300


@dataclass(frozen=True, slots=True)
class Here:
    """Whose messages these are. `network` is the account's own: messenger or facebook."""

    account: str
    network: str
    page_id: str
    app_id: str


def events(item: Item, here: Here) -> tuple[Event, ...]:
    """Raises `ValidationError` for what cannot be read."""
    kind = messages.kind_of(item.said)
    if kind not in messages.SAID:
        return (Ignored(f"a messaging event of the kind {kind!r}" if kind else "nothing was said"),)
    talk = messages.read(item.said)
    if talk.is_deleted:
        return (Removal(here.account, talk.mid, talk.at, "unsent"),)
    return (_post(talk, here, standby=item.place is Place.STANDBY),)


def nobody(here: Here, psid: str) -> Person:
    """Somebody of whom only the id is known: without a name, so that it is asked for."""
    return Person(network=here.network, id=psid, handle=psid, name="")


def _post(talk: Talk, here: Here, *, standby: bool) -> Post:
    ours = talk.is_echo or talk.sender == here.page_id
    other = talk.recipient if talk.sender == here.page_id else talk.sender
    words = shown.words_of(talk.attachments)
    files = shown.files_of(talk.attachments)
    text = whole("\n".join(filter(None, (talk.text, _pressed(talk), *words)))).strip()
    return Post(
        account=here.account,
        network=here.network,
        id=talk.mid,
        kind=Kind.DM,
        visibility=Visibility.PRIVATE,
        author=_page(here) if ours else nobody(here, other),
        text=text,
        created_at=talk.at,
        thread_id=other,
        parent_id=talk.answers,
        revision=f"{talk.edit:06}" if talk.edit else "",
        media=files,
        by_us=ours,
        labels=_labels(talk, bool(text or files), standby and not ours),
        mark=talk.metadata if talk.app_id == here.app_id else "",
    )


def _page(here: Here) -> Person:
    return Person(network=here.network, id=here.page_id, handle=here.page_id, name=THE_PAGE)


def _pressed(talk: Talk) -> str:
    """What stands behind a button: agents are not shown it on Facebook."""
    payload = line(talk.payload, _LONGEST_PAYLOAD)
    return f"[{payload}]" if payload else ""


def _labels(talk: Talk, says_something: bool, standby: bool) -> tuple[Label, ...]:
    unsupported = talk.is_unsupported or not says_something
    found = (
        (Label.AD, talk.from_ad),
        (Label.STANDBY, standby),
        (Label.UNSUPPORTED, unsupported),
    )
    return tuple(label for label, holds in found if holds)

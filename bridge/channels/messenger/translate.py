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

_LONGEST_NAME, _LONGEST_PAYLOAD = 200, 300


@dataclass(frozen=True, slots=True)
class Here:
    """Whose messages these are. `network` is the account's own: messenger, facebook, instagram;
    `page_id` and `page_name` are the Page's, or the Instagram account's."""

    account: str
    network: str
    page_id: str
    app_id: str
    page_name: str = THE_PAGE


def events(item: Item, here: Here) -> tuple[Event, ...]:
    """Raises `ValidationError` for what cannot be read."""
    kind = messages.kind_of(item.said)
    if kind not in messages.SAID:
        return (Ignored(f"a messaging event of the kind {kind!r}" if kind else "nothing was said"),)
    talk = messages.read(item.said)
    if talk.is_deleted:
        return (Removal(here.account, talk.mid, talk.at, "unsent"),)
    if talk.is_self or talk.sender == talk.recipient:
        return (Ignored("the account wrote to itself"),)
    return (_post(talk, here, standby=item.place is Place.STANDBY),)


def nobody(here: Here, psid: str) -> Person:
    """Somebody of whom only the id is known: without a name, so that it is asked for."""
    return Person(network=here.network, id=psid, handle=line(psid, _LONGEST_NAME), name="")


def _post(talk: Talk, here: Here, *, standby: bool) -> Post:
    ours = talk.is_echo or talk.sender == here.page_id
    other = talk.recipient if talk.sender == here.page_id else talk.sender
    words = shown.words_of(talk.attachments)
    stories = (shown.media(talk.story, keep=False),) if talk.story else ()
    files = (*shown.files_of(talk.attachments), *stories)
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
        # Instagram's echoes name no app.
        mark=talk.metadata if talk.app_id in ("", here.app_id) else "",
    )


def _page(here: Here) -> Person:
    return Person(network=here.network, id=here.page_id, handle=here.page_id, name=here.page_name)


def _pressed(talk: Talk) -> str:
    """What stands behind a button: agents are not shown it on Facebook."""
    payload = line(talk.payload, _LONGEST_PAYLOAD)
    return f"[{payload}]" if payload else ""


def _labels(talk: Talk, says_something: bool, standby: bool) -> tuple[Label, ...]:
    unsupported = talk.is_unsupported or not says_something
    found = (
        (Label.AD, talk.from_ad),
        (Label.STORY_MENTION, any(one.type == "story_mention" for one in talk.attachments)),
        (Label.STORY_REPLY, talk.of_story),
        (Label.STANDBY, standby),
        (Label.UNSUPPORTED, unsupported),
    )
    return tuple(label for label, holds in found if holds)

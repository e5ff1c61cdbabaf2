"""What happens on Instagram, by the payloads that were published or seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.channels.instagram import Instagram, InstagramOptions
from bridge.channels.instagram.mentions import Mention, mention_of
from bridge.model import Ignored, Kind, Label, Media, Post, Removal, Unreadable, Visibility

US, JANE = "17841400000000001", "998877665544332"
TOP, MEDIA = "17870913679156914", "17918195224117851"
EXPECTED: dict[str, type[Any]] = {
    "ig_comment_changes": Post,
    "ig_comment_changes_reply_on_ad": Post,
    "ig_comment_flat_instagram_login": Post,
    "ig_comment_own": Post,
    "ig_dm_deleted": Removal,
    "ig_dm_echo": Post,
    "ig_dm_edit": Post,
    "ig_dm_ig_post_share": Post,
    "ig_dm_image": Post,
    "ig_dm_inline_reply": Post,
    "ig_dm_reaction": Ignored,
    "ig_dm_seen": Ignored,
    "ig_dm_story_mention": Post,
    "ig_dm_story_reply": Post,
    "ig_dm_text": Post,
    "ig_dm_unsupported": Post,
    "ig_mention_comment": Post,
    "ig_mention_media": Post,
}


def event(samples: Any, reader: Any, name: str) -> Any:
    """The one event of a sample."""
    [found] = reader.unpack(samples.sample(name))
    return found


def comment(samples: Any, reader: Any, name: str = "ig_comment_changes", **changes: Any) -> Any:
    """The event of a sample, some of its value changed; None takes something away."""
    told = json.loads(samples.sample(name))
    value = told["entry"][0]["changes"][0]["value"]
    value |= changes
    for gone in [key for key, one in changes.items() if one is None]:
        del value[gone]
    [found] = reader.unpack(json.dumps(told).encode())
    return found


def message(samples: Any, reader: Any, frame: Any = None, **said: Any) -> Any:
    """The event of a message with other words in it."""
    told = json.loads(samples.sample("ig_dm_text"))
    item = told["entry"][0]["messaging"][0]
    item |= {**(frame or {}), "message": {"mid": "aWd_1", **said}}
    [found] = reader.unpack(json.dumps(told).encode())
    return found


# ------------------------------------------------------------------ all of them


def test_every_published_sample_is_known(samples: Any, reader: Any) -> None:
    assert sorted(EXPECTED) == samples.named("ig_")
    for name, kind in EXPECTED.items():
        assert type(event(samples, reader, name)) is kind, name


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_doubled_mixed_and_bundled_they_are_the_same(
    samples: Any, reader: Any, seed: int | None
) -> None:
    alone = {
        key: events
        for name in EXPECTED
        for key, events in samples.by_key(reader, samples.sample(name)).items()
    }
    assert len(alone) == len(EXPECTED)
    assert alone == samples.by_key(reader, samples.bundled(list(EXPECTED), seed))


def test_what_happened_to_another_account_is_not_taken(samples: Any) -> None:
    """As it is with the id that the app sees, which is another one."""
    wrong = samples.channel(Instagram, instagram_id="26123400000000001")
    assert wrong.apart(samples.sample("ig_dm_text")) == ()
    assert isinstance(event(samples, wrong, "ig_dm_text"), Ignored)


# ------------------------------------------------------------------ comments


def test_a_comment_begins_a_thread(samples: Any, reader: Any) -> None:
    post = event(samples, reader, "ig_comment_changes")
    assert (post.kind, post.visibility, post.text) == (
        Kind.COMMENT, Visibility.PUBLIC, "Where is my order?"
    )  # fmt: skip
    assert (post.id, post.thread_id, post.parent_id) == (TOP, TOP, "")
    assert (post.author.id, post.author.handle) == (JANE, "jane.doe")
    assert post.author.profile_url == "https://www.instagram.com/jane.doe/"
    assert post.created_at == datetime(2024, 8, 9, 18, 7, 57, tzinfo=UTC)
    assert (post.revision, post.labels, post.by_us, post.unanswerable) == ("", (), False, "")


def test_both_shapes_and_both_names_of_the_id_say_the_same(samples: Any, reader: Any) -> None:
    """https://developers.facebook.com/docs/instagram-platform/webhooks/examples"""
    nested = event(samples, reader, "ig_comment_changes")
    assert nested == event(samples, reader, "ig_comment_flat_instagram_login")
    assert nested == comment(samples, reader, id=None, comment_id=TOP)


def test_an_answer_on_an_ad_belongs_to_the_comment_above(samples: Any, reader: Any) -> None:
    post = event(samples, reader, "ig_comment_changes_reply_on_ad")
    assert (post.id, post.thread_id, post.parent_id) == ("17873440459141021", TOP, TOP)
    assert post.labels == (Label.AD,)


def test_our_own_comment_is_ours(samples: Any, reader: Any) -> None:
    assert event(samples, reader, "ig_comment_own").by_us
    author = {"id": "26123400000000001", "username": "mybrand", "self_ig_scoped_id": "1122"}
    assert comment(samples, reader, **{"from": author}).by_us


def test_an_author_whom_nobody_names_can_be_answered(samples: Any, reader: Any) -> None:
    post = comment(samples, reader, **{"from": None})
    assert (post.author.id, post.author.name) == (f"comment:{TOP}", "Somebody on Instagram")
    assert not post.by_us


def test_a_comment_without_words_says_so(samples: Any, reader: Any) -> None:
    """A picture that moves, say, which Instagram does not tell us of."""
    assert comment(samples, reader, text=None).labels == (Label.UNSUPPORTED,)


def test_a_live_video_cannot_be_answered_in_public(samples: Any, reader: Any) -> None:
    told = json.loads(samples.sample("ig_comment_changes"))
    told["entry"][0]["changes"][0]["field"] = "live_comments"
    [post] = reader.unpack(json.dumps(told).encode())
    assert "live_video" == post.unanswerable


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"id": None}, Unreadable),
        ({"id": ["x"]}, Unreadable),
        ({"text": 7}, Unreadable),
        ({"parent_id": {}}, Unreadable),
        ({"from": "Jane", "media": 7, "timestamp": "soon"}, Post),
    ],
)
def test_what_is_odd_is_named(
    samples: Any, reader: Any, changes: dict[str, Any], kind: type[Any]
) -> None:
    """Strict where something cannot be without, lenient where it only adorns."""
    assert type(comment(samples, reader, **changes)) is kind


def test_another_field_is_nothing_to_answer(samples: Any, reader: Any) -> None:
    told = json.loads(samples.sample("ig_comment_changes"))
    told["entry"][0]["changes"][0]["field"] = "story_insights"
    [found] = reader.unpack(json.dumps(told).encode())
    assert isinstance(found, Ignored)


# ------------------------------------------------------------------ mentions


def test_a_mention_says_where_it_is_until_its_words_are_read(samples: Any, reader: Any) -> None:
    post = event(samples, reader, "ig_mention_comment")
    assert (post.kind, post.id) == (Kind.MENTION, f"mention:{MEDIA}:17894227972186120")
    assert post.text == f"[mention: media {MEDIA}, comment 17894227972186120]"
    assert (post.labels, post.author.name) == ((Label.UNSUPPORTED,), "")
    caption = event(samples, reader, "ig_mention_media")
    assert (caption.id, caption.text) == (f"mention:{MEDIA}:", f"[mention: media {MEDIA}]")


def test_the_id_of_a_mention_leads_back_to_it() -> None:
    for mention in (Mention("1", "2"), Mention("1")):
        assert mention_of(mention.id) == mention
    assert mention_of(TOP) is None


@pytest.mark.parametrize("value", [7, {}, {"media_id": "1){id}"}, {"media_id": "1", "seen": 7}])
def test_a_mention_that_leads_nowhere_is_set_aside(reader: Any, value: Any) -> None:
    entry = {"id": US, "time": 1, "changes": [{"field": "mentions", "value": value}]}
    [found] = reader.unpack(json.dumps({"object": "instagram", "entry": [entry]}).encode())
    assert isinstance(found, Unreadable)


# ------------------------------------------------------------------ direct messages


def test_a_text(samples: Any, reader: Any) -> None:
    post = event(samples, reader, "ig_dm_text")
    assert (post.network, post.kind, post.visibility) == (
        "instagram", Kind.DM, Visibility.PRIVATE
    )  # fmt: skip
    assert (post.id, post.text, post.thread_id) == ("aWdfZAG1fd", "hi there", JANE)
    assert (post.author.id, post.author.name, post.by_us) == (JANE, "", False)
    assert event(samples, reader, "ig_dm_inline_reply").parent_id == "aWdfZAG1fd"


def test_an_echo_is_ours_and_marked_where_it_came_from_us(samples: Any, reader: Any) -> None:
    """Instagram names no app in its echoes."""
    typed = event(samples, reader, "ig_dm_echo")
    assert (typed.by_us, typed.thread_id, typed.mark) == (True, JANE, "")
    frame = {"sender": {"id": US}, "recipient": {"id": JANE}}
    said = {"text": "hello", "is_echo": True, "metadata": "intent-1"}
    assert message(samples, reader, frame, **said).mark == "intent-1"
    assert message(samples, reader, frame, **said, app_id="42").mark == ""


@pytest.mark.parametrize(
    ("frame", "said"),
    [({"sender": {"id": US}}, {}), ({}, {"is_self": True}), ({}, {"is_self": 1, "is_echo": True})],
)
def test_what_the_account_writes_to_itself_is_nobodys_question(
    samples: Any, reader: Any, frame: dict[str, Any], said: dict[str, Any]
) -> None:
    assert isinstance(message(samples, reader, frame, text="a note", **said), Ignored)


def test_stories_are_shown_by_their_link_and_never_kept(samples: Any, reader: Any) -> None:
    """Meta's review refuses apps that keep them; the links die with the story."""
    answer = event(samples, reader, "ig_dm_story_reply")
    assert (answer.text, answer.labels) == ("Love this!", (Label.STORY_REPLY,))
    assert answer.media == (
        Media("https://lookaside.fbsbx.com/story.jpg", "image/jpeg", "story.jpg", keep=False),
    )
    mention = event(samples, reader, "ig_dm_story_mention")
    assert (mention.text, mention.labels) == ("", (Label.STORY_MENTION,))
    assert [one.keep for one in mention.media] == [False]
    gone = message(samples, reader, text="Nice", reply_to={"story": {"id": "1"}})
    assert (gone.labels, gone.media) == ((Label.STORY_REPLY,), ())


@pytest.mark.parametrize("kind", ["story", "ig_story"])
def test_a_story_that_is_passed_on_is_not_kept_either(samples: Any, reader: Any, kind: str) -> None:
    shared = {"type": kind, "payload": {"url": "https://lookaside.example/s"}}
    assert [one.keep for one in message(samples, reader, attachments=[shared]).media] == [False]


def test_a_picture_may_be_kept(samples: Any, reader: Any) -> None:
    [picture] = event(samples, reader, "ig_dm_image").media
    assert picture.keep
    assert picture.url.startswith("https://lookaside.fbsbx.com/ig_messaging_cdn/")


@pytest.mark.parametrize("kind", ["share", "ig_reel", "reel", "ig_post"])
def test_what_is_shared_is_a_link_among_the_words(samples: Any, reader: Any, kind: str) -> None:
    shared = {"type": kind, "payload": {"url": "https://lookaside.example/p", "title": "caption"}}
    post = message(samples, reader, text="this one?", attachments=[shared])
    assert (post.text, post.media) == ("this one?\ncaption https://lookaside.example/p", ())


def test_what_only_instagram_can_show_is_labelled(samples: Any, reader: Any) -> None:
    post = event(samples, reader, "ig_dm_unsupported")
    assert (post.text, post.labels) == ("", (Label.UNSUPPORTED,))
    new = message(samples, reader, attachments=[{"type": "ephemeral", "payload": {}}])
    assert new.text == "[ephemeral]"


def test_an_unsent_message_is_gone(samples: Any, reader: Any) -> None:
    gone = event(samples, reader, "ig_dm_deleted")
    assert (gone.post_id, gone.because) == ("aWdfZAG1fd", "unsent")


def test_an_edit_is_a_later_revision_also_without_the_message(samples: Any, reader: Any) -> None:
    edit = event(samples, reader, "ig_dm_edit")
    assert (edit.id, edit.text) == ("aWdfZAG1fd", "hi there (edited)")
    assert event(samples, reader, "ig_dm_text").revision < edit.revision


def test_what_another_app_has_to_answer_is_labelled(samples: Any, reader: Any) -> None:
    told = json.loads(samples.sample("ig_dm_text"))
    entry = told["entry"][0]
    entry["standby"] = entry.pop("messaging")
    [post] = reader.unpack(json.dumps(told).encode())
    assert post.labels == (Label.STANDBY,)


# ------------------------------------------------------------------ options


@pytest.mark.parametrize(
    "wrong",
    [{"login": "tiktok"}, {"login": "facebook", "page_id": None}, {"instagram_id": None}],
)
def test_options_that_cannot_work_are_refused(samples: Any, wrong: dict[str, Any]) -> None:
    given = {name: value for name, value in options(samples, **wrong).items() if value is not None}
    assert InstagramOptions().validate(given)


@pytest.mark.parametrize(
    ("login", "host"),
    [("instagram", "https://graph.instagram.com"), ("facebook", "https://graph.facebook.com")],
)
def test_each_sign_in_has_its_host(samples: Any, login: str, host: str) -> None:
    assert InstagramOptions().load(options(samples, login=login))["url"] == host
    elsewhere = options(samples, login=login, url="https://graph.example")
    assert InstagramOptions().load(elsewhere)["url"] == "https://graph.example"


def options(samples: Any, **changes: Any) -> dict[str, Any]:
    secret = samples.Secret("of-an-example")
    given = dict.fromkeys(("app_secret", "verify_token", "access_token"), secret)
    return {**given, "app_id": samples.APP, "page_id": samples.PAGE, "instagram_id": US, **changes}

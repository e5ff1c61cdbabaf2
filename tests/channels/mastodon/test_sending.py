"""Sending to servers that are strict, lax, broken, or hostile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.channels.mastodon import sending
from bridge.channels.mastodon.calls import Calls
from bridge.errors import (
    Again,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    Refused,
    TooLong,
    Unreachable,
)
from bridge.model import File, Person, Visibility

STATUSES = "/api/v1/statuses"
PRIVATE = Visibility.PRIVATE
PICTURE = File("cat.png", "image/png", b"\x89PNG", "a cat")
FILM = File("cat.mp4", "video/mp4", b"....ftyp")


def sent(town: Any) -> list[Any]:
    brand = town.town.find("bridge").id
    return [status for status in town.town.statuses() if status.author == brand]


def changed(name: str, value: Any) -> Callable[[str, Any], Any]:
    """A server whose receipts say something else."""

    def answers(path: str, data: Any) -> Any:
        if path == STATUSES and isinstance(data, dict) and "content" in data:
            data[name] = value
        return data

    return answers


def made_public(path: str, form: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A server that takes no notice of the visibility asked for."""
    return [(name, "public" if name == "visibility" else value) for name, value in form]


def forms_of(town: Any) -> list[dict[str, str]]:
    """What the server is sent, from now on."""
    seen: list[dict[str, str]] = []

    def forms(path: str, form: list[tuple[str, str]]) -> list[tuple[str, str]]:
        seen.append(dict(form))
        return form

    town.forms = forms
    return seen


def test_what_is_sent_says_everything(town: Any) -> None:
    """The parent, the visibility, the language, and a key that makes it safe to repeat."""
    post = town.says("hello")
    seen = forms_of(town)
    reply = replace(town.reply("Hi!", to=post, key="k-1"), language="pt-BR")
    receipt = town.channel.send(reply)
    expected = {
        "status": "@ada@sandbox.example Hi!",
        "visibility": "public",
        "in_reply_to_id": post,
        "language": "pt",
    }
    assert [expected] == seen
    [asked] = town.faults_on.asked("POST", STATUSES)
    assert dict(asked.headers)["Idempotency-Key"] == "k-1"
    assert receipt.permalink.endswith(f"/@bridge/{receipt.id}")


def test_a_private_reply_names_whom_it_may_reach(town: Any) -> None:
    """Mastodon then refuses to bring it to anybody else."""
    seen = forms_of(town)
    town.channel.send(town.reply("Hi!", to=town.says("hello"), visibility=PRIVATE))
    known_there = town.customer.id.removesuffix("@sandbox.example")
    assert ("direct", known_there) == (seen[0]["visibility"], seen[0]["allowed_mentions[]"])


def test_public_answers_can_be_unlisted(town: Any) -> None:
    """Visible to everybody, but in nobody's public timeline, if the admin says so."""
    channel = town.open(town.url, public_visibility="unlisted")
    channel.send(town.reply("Hi!", to=town.says("hello")))
    assert [status.visibility for status in sent(town)] == ["unlisted"]


@pytest.mark.parametrize("said", ["public", "unlisted", "local", "something new", ""])
def test_a_private_reply_that_becomes_public_is_deleted_at_once(town: Any, said: str) -> None:
    """And the agent is told."""
    post = town.says("hello")
    town.forms = made_public
    town.answers = changed("visibility", said)
    with pytest.raises(Refused, match="deleted at once"):
        town.channel.send(town.reply("secret", to=post, visibility=PRIVATE))
    assert sent(town) == []


def test_if_it_cannot_be_deleted_a_person_must(town: Any) -> None:
    """With the link, so that it takes a second."""
    post = town.says("hello")
    town.forms = made_public
    town.faults_on.add("500", method="DELETE", path=f"{STATUSES}/*")
    with pytest.raises(Refused, match=r"delete it by hand, http://.*/@bridge/"):
        town.channel.send(town.reply("secret", to=post, visibility=PRIVATE))


def test_a_deletion_is_not_believed_while_the_post_is_there(town: Any) -> None:
    """snac answers 404 to every deletion."""
    post = town.says("hello")
    town.forms = made_public
    town.faults_on.add("404", method="DELETE", path=f"{STATUSES}/*")
    with pytest.raises(Refused, match="delete it by hand"):
        town.channel.send(town.reply("secret", to=post, visibility=PRIVATE))
    assert len(sent(town)) == 1


def test_a_person_is_known_by_their_name_as_well(town: Any) -> None:
    """snac gives an author one id and the same person, mentioned, another."""
    post = town.says("hello")
    town.answers = changed("mentions", [{"id": "other", "acct": "ada"}])
    reply = town.reply("secret", to=post, visibility=PRIVATE)
    receipt = town.channel.send(reply)
    assert town.channel.find_sent(reply, frozenset()) == receipt


def test_a_private_reply_that_reached_somebody_else_is_deleted(town: Any) -> None:
    """Whatever made the server think of them."""
    post = town.says("hello")
    town.forms = lambda path, form: [
        (name, f"{value} @ben@elsewhere.example" if name == "status" else value)
        for name, value in form
    ]
    with pytest.raises(Refused, match=r"ben@elsewhere\.example as well; it was deleted"):
        town.channel.send(town.reply("secret", to=post, visibility=PRIVATE))
    assert sent(town) == []


def test_a_private_reply_that_reached_nobody_is_no_delivery(town: Any) -> None:
    """The ticket must not say that it was sent."""
    post = town.says("hello")
    nobody = Person("mastodon", "1", "nobody@nowhere.example", "Nobody")
    reply = replace(town.reply("secret", to=post, visibility=PRIVATE), to=nobody)
    with pytest.raises(Refused, match="reached nobody"):
        town.channel.send(reply)
    assert sent(town) == []


@pytest.mark.parametrize("handle", ["", "ada @ben@elsewhere.example", "@ada", "ada\n@eve"])
def test_a_private_reply_to_a_name_that_is_none_is_never_sent(town: Any, handle: str) -> None:
    """Without a mention it would reach nobody, with a false one a stranger."""
    reply = town.reply("secret", to=town.says("hello"), visibility=PRIVATE)
    with pytest.raises(Refused):
        town.channel.send(replace(reply, to=replace(town.customer, handle=handle)))
    assert sent(town) == []


def test_a_receipt_that_cannot_be_read_is_not_trusted_with_a_secret(town: Any) -> None:
    """What is not shown to be private is taken back."""
    post = town.says("hello")
    town.answers = changed("visibility", None)
    with pytest.raises(Refused, match="deleted at once"):
        town.channel.send(town.reply("secret", to=post, visibility=PRIVATE))
    assert sent(town) == []
    with pytest.raises(NobodyKnows):
        town.channel.send(town.reply("open", to=post, key="other"))


def test_a_server_that_calls_direct_private_is_understood(town: Any) -> None:
    """snac does."""
    town.faults_on.add("direct_shown_as_private", times=None)
    town.channel.send(town.reply("secret", to=town.says("hello"), visibility=PRIVATE))
    assert [status.visibility for status in sent(town)] == ["direct"]


def test_a_lost_private_reply_that_became_public_is_found_and_deleted(town: Any) -> None:
    """The look-up is the second line of the same guard."""
    reply = town.reply("secret", to=town.says("hello"), visibility=PRIVATE)
    town.forms = made_public
    town.faults_on.add("drop_after_write", method="POST", path=STATUSES)
    with pytest.raises(NobodyKnows):
        town.channel.send(reply)
    with pytest.raises(Refused, match="deleted at once"):
        town.channel.find_sent(reply, frozenset())
    assert sent(town) == []


@pytest.mark.parametrize("closed", ["/api/v1/accounts/*/statuses", "/api/v1/statuses/*/context"])
def test_one_way_to_find_it_is_enough(town: Any, closed: str) -> None:
    """Where the other may not be gone."""
    reply = town.reply("Sorry!", to=town.says("hello"))
    receipt = town.channel.send(reply)
    town.faults_on.add("403", method="GET", path=closed, status=400, times=None)
    assert town.channel.find_sent(reply, frozenset()) == receipt
    with pytest.raises(NobodyKnows, match="cannot be looked up"):
        town.channel.find_sent(replace(reply, text="Other words"), frozenset())


def test_a_server_with_one_page_shows_all_there_is_unless_that_is_full(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """snac takes no notice of where a page is to begin."""
    whole = Calls.get

    def one_page(calls: Calls, path: str, params: Any = ()) -> Any:
        return whole(calls, path, tuple(each for each in params if each[0] != "max_id"))

    monkeypatch.setattr(Calls, "get", one_page)
    post = town.says("hello")
    reply = town.reply("Sorry!", to=post, key="first")
    assert town.channel.find_sent(reply, frozenset()) is None
    receipt = town.channel.send(reply)
    assert town.channel.find_sent(reply, frozenset()) == receipt
    missing = replace(reply, text="Other words")
    assert town.channel.find_sent(missing, frozenset()) is None
    for number in range(40):
        town.channel.send(town.reply(f"{number}", to=post, key=f"{number}"))
    with pytest.raises(NobodyKnows, match="too many"):
        town.channel.find_sent(missing, frozenset())


def test_behind_too_many_newer_posts_of_ours_it_is_unknown(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_PAGES", 1)
    post = town.says("hello")
    reply = town.reply("Sorry!", to=post, key="first")
    for number in range(45):
        town.channel.send(town.reply(f"{number}", to=post, key=f"{number}"))
    with pytest.raises(NobodyKnows, match="too many"):
        town.channel.find_sent(reply, frozenset())


def test_a_public_reply_is_not_looked_for_among_the_private_ones(town: Any) -> None:
    """The same words, said privately, are another message."""
    post = town.says("hello")
    town.channel.send(town.reply("Sorry!", to=post, visibility=PRIVATE, key="a"))
    assert town.channel.find_sent(town.reply("Sorry!", to=post, key="b"), frozenset()) is None


def test_what_was_said_long_before_is_not_the_reply(town: Any) -> None:
    """Two minutes are for clocks that differ."""
    post = town.says("hello")
    town.channel.send(town.reply("Sorry!", to=post, key="a"))
    town.later(minutes=3)
    assert town.channel.find_sent(town.reply("Sorry!", to=post, key="b"), frozenset()) is None


@pytest.mark.parametrize("hidden", ["/api/v1/accounts/*/statuses", "/api/v1/statuses/*/context"])
def test_the_reply_is_found_in_either_place(town: Any, hidden: str) -> None:
    """Under its author, or beneath what it answers: not every server shows both."""
    reply = town.reply("secret", to=town.says("hello"), visibility=PRIVATE)
    receipt = town.channel.send(reply)
    town.faults_on.add("404", method="GET", path=hidden, times=None)
    assert receipt == town.channel.find_sent(reply, frozenset())


def test_it_is_found_behind_a_hundred_others(town: Any) -> None:
    """A busy account writes on while nobody knows."""
    post = town.says("hello")
    reply = town.reply("the one", to=post)
    receipt = town.channel.send(reply)
    for number in range(100):
        town.town.post("bridge", f"other {number}")
    town.takes_down(post)
    assert receipt == town.channel.find_sent(reply, frozenset())


def test_a_server_that_ignores_the_key_makes_two_and_the_look_up_prevents_it(town: Any) -> None:
    """Why the key is sent always and relied on never."""
    town.faults_on.add("ignores_idempotency_key", times=None)
    town.faults_on.add("drop_after_write", method="POST", path=STATUSES)
    reply = town.reply("Hi!", to=town.says("hello"))
    with pytest.raises(NobodyKnows):
        town.channel.send(reply)
    found = town.channel.find_sent(reply, frozenset())
    assert [found.id] == [status.id for status in sent(town)]


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (403, "This action is outside the authorized scopes", NeedsSignIn),
        (403, "Your login is currently disabled", NeedsSignIn),
        (403, "This action is not allowed", Refused),
        (422, "This method requires an authenticated user", NeedsSignIn),
        (422, "Validation failed: This post does not accept replies", Refused),
        (422, "Validation failed: Text character limit of 500 exceeded", TooLong),
        (400, "status too long, 600 characters provided but limit is 500", TooLong),
        (410, "gone", Gone),
        (409, "conflict", Unreachable),
        (500, "oops", NobodyKnows),
        (502, "bad gateway", NobodyKnows),
        (503, "busy", NobodyKnows),
        (408, "slow", NobodyKnows),
        (302, "over there", Misconfigured),
        (418, "I'm a teapot", Refused),
    ],
)
def test_each_answer_is_the_right_kind_of_failure(
    town: Any, status: int, words: str, expected: type[Exception]
) -> None:
    """And carries the server's own words, where they help."""
    post = town.says("hello")
    body = f'{{"error": "{words}"}}'
    town.faults_on.add("403", status=status, body=body, method="POST", path=STATUSES)
    with pytest.raises(expected) as caught:
        town.channel.send(town.reply("Hi!", to=post))
    if expected in (Refused, NeedsSignIn, TooLong):
        assert words in caught.value.because


def test_the_token_is_in_no_message(town: Any) -> None:
    """Not even if the server repeats it."""
    post = town.says("hello")
    body = f'{{"error": "no {town.token} here"}}'
    town.faults_on.add("403", body=body, method="POST", path=STATUSES)
    with pytest.raises(Refused) as caught:
        town.channel.send(town.reply("Hi!", to=post))
    assert town.token not in caught.value.because
    assert town.token not in repr(town.channel._calls)


def test_a_success_that_is_no_json_is_no_success(town: Any) -> None:
    """A proxy's page with status 200 proves nothing either way."""
    post = town.says("hello")
    town.faults_on.add("403", status=200, body="<html>", method="POST", path=STATUSES)
    with pytest.raises(NobodyKnows):
        town.channel.send(town.reply("Hi!", to=post))


def test_without_a_parent_404_is_a_refusal(town: Any) -> None:
    """Nothing is gone where nothing was answered."""
    town.faults_on.add("404", method="POST", path=STATUSES)
    with pytest.raises(Refused):
        town.channel.send(town.reply("Hi!", to=""))


def test_a_server_that_is_not_there_was_sent_nothing(town: Any) -> None:
    """Refused connections are certain."""
    channel = town.open(town.url)
    channel.limits()
    channel._calls = replace(channel._calls, url="http://127.0.0.1:1")
    with pytest.raises(Unreachable):
        channel.send(town.reply("Hi!", to="1"))


def test_a_server_that_takes_everything_is_not_given_too_much(town: Any) -> None:
    """snac takes any length; other servers then cut it off."""
    town.faults_on.add("accepts_overlong", times=None)
    with pytest.raises(TooLong, match="takes 500"):
        town.channel.send(town.reply("x" * 600, to=town.says("hello")))
    assert sent(town) == []


def test_nothing_is_not_sent(town: Any) -> None:
    """An answer without words and files is a mistake."""
    reply = replace(town.reply(" ", to=town.says("hello")), to=replace(town.customer, handle=""))
    with pytest.raises(Refused, match="nothing to send"):
        town.channel.send(reply)


# ------------------------------------------------------------------ files


def test_a_picture_goes_with_the_words(town: Any) -> None:
    """With its description for those who cannot see it."""
    reply = replace(town.reply("Look", to=town.says("hello")), files=(PICTURE, PICTURE))
    town.channel.send(reply)
    [status] = sent(town)
    uploads = [town.town.media(one) for one in status.now.media]
    assert [(PICTURE.content, "a cat", "image/png")] * 2 == [
        (one.content, one.description, one.content_type) for one in uploads
    ]


def test_a_film_is_waited_for_and_uploaded_once(town: Any) -> None:
    """The next try finds what the first one brought."""
    reply = replace(town.reply("Look", to=town.says("hello")), files=(FILM,))
    for _ in range(2):
        with pytest.raises(Again) as caught:
            town.channel.send(reply)
        assert caught.value.wait == 5
    assert sent(town) == []
    town.later(seconds=3)
    town.channel.send(reply)
    assert len(town.faults_on.asked("POST", "/api/v2/media")) == 1
    assert [len(status.now.media) for status in sent(town)] == [1]


def test_a_repeat_with_a_file_makes_one_message(town: Any) -> None:
    """The file of the first try hangs on the first status already."""
    reply = replace(town.reply("Look", to=town.says("hello")), files=(PICTURE,))
    town.faults_on.add("drop_after_write", method="POST", path=STATUSES)
    with pytest.raises(NobodyKnows):
        town.channel.send(reply)
    receipt = town.channel.send(reply)
    assert [receipt.id] == [status.id for status in sent(town)]


def test_a_server_without_the_newer_upload_gets_the_older(town: Any) -> None:
    """https://docs.joinmastodon.org/methods/media/#v1"""
    town.faults_on.add("404", method="POST", path="/api/v2/media")
    reply = replace(town.reply("Look", to=town.says("hello")), files=(PICTURE,))
    town.channel.send(reply)
    assert [len(status.now.media) for status in sent(town)] == [1]


@pytest.mark.parametrize(
    ("file", "expected"),
    [(File("a.exe", "application/x-msdownload", b"MZ"), "content type is invalid")],
)
def test_a_file_the_server_does_not_take_is_refused_in_its_words(
    town: Any, file: File, expected: str
) -> None:
    """And nothing is posted without it."""
    reply = replace(town.reply("Look", to=town.says("hello")), files=(file,))
    with pytest.raises(Refused, match=expected):
        town.channel.send(reply)
    assert sent(town) == []


def test_more_files_than_fit_are_refused_before_any_is_uploaded(town: Any) -> None:
    """Four, on most servers."""
    reply = replace(town.reply("Look", to=town.says("hello")), files=(PICTURE,) * 5)
    with pytest.raises(Refused, match="5 files"):
        town.channel.send(reply)
    assert town.faults_on.asked("POST", "/api/v2/media") == ()


def test_a_lost_upload_changed_nothing(town: Any) -> None:
    """A file on no post is seen by nobody: simply again."""
    town.faults_on.add("drop_after_write", method="POST", path="/api/v2/media")
    reply = replace(town.reply("Look", to=town.says("hello")), files=(PICTURE,))
    with pytest.raises(Unreachable):
        town.channel.send(reply)
    town.channel.send(reply)
    assert [len(status.now.media) for status in sent(town)] == [1]


def test_an_unfinished_file_that_the_post_stumbles_over_is_tried_again(town: Any) -> None:
    """Mastodon answers 422 while a file is not ready."""
    reply = replace(town.reply("Look", to=town.says("hello")), files=(PICTURE,))
    words = "Cannot attach files that have not finished processing. Try again in a moment!"
    body = f'{{"error": "{words}"}}'
    town.faults_on.add("403", status=422, body=body, method="POST", path=STATUSES)
    with pytest.raises(Again):
        town.channel.send(reply)
    town.channel.send(reply)

"""The frozen bodies: what they say, and what no text of a stranger can make them say."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Misconfigured, Unreachable
from bridge.helpdesks.zendesk.compose import as_html, as_tags, literal
from bridge.model import Comment, Ticket

GROUPS = {"groups": [{"id": 11, "name": "Social"}, {"id": 12, "name": "Press"}]}
SAY = Comment("mark-1", "hello", public=True)


def said(body):
    return json.loads(body)["ticket"]


@pytest.mark.parametrize(
    ("ticket", "hint"),
    [
        (Ticket("s", "x", group="Socail"), "no group 'Socail': did you mean 'Social'"),
        (Ticket("s", "x", group="99"), "no group '99': there are: Press, Social"),
        (Ticket("s", "x", priority="hihg"), "no priority 'hihg': did you mean 'high'"),
        (Ticket("s", "x", assignee="Ines"), "assignee 'Ines': name an agent by"),
        (Ticket("s", "x", fields=(("netwrok", "v"),)), "'netwrok': did you mean 'network'"),
        (Ticket("s", "x", fields=(("a", "v"), ("b", "v"))), "for 'b'"),
        (Ticket("s", "x", follow_up_of="35; drop"), "a closed ticket"),
    ],
)
def test_a_mistaken_word_names_the_nearest(desk, stub, ticket, hint):
    """A mapping that does not fit this Zendesk is a mistake to mend, with a hint."""
    stub.will(GROUPS)
    with pytest.raises(Misconfigured) as caught:
        desk.compose_open(ticket, SAY, "77")
    assert hint in caught.value.because


def test_an_odd_author_is_refused(desk):
    """Only a number of Zendesk's is a user."""
    with pytest.raises(Misconfigured, match=r"requester|author"):
        desk.compose_open(Ticket("s", "x"), SAY, "x:user:1")


def test_a_whole_opening(desk, stub):
    """Everything that a route can say is in the body."""
    stub.will(GROUPS).will({"ticket_forms": [{"id": 21, "name": "Social form"}]})
    ticket = Ticket(
        "  A\nsubject ",
        "mastodon:conv:1",
        group="social",
        priority="high",
        assignee="ines@acme.example",
        form="Social form",
        tags=("VIP Customer", "social"),
        fields=(("network", "mastodon"), ("permalink", "https://example.social/1?a=b&c")),
        follow_up_of="30",
    )
    comment = Comment("mark-1", "hello\n<you>", public=False, uploads=("t1", "t2"))
    expected = {
        "subject": "A subject",
        "external_id": "mastodon:conv:1",
        "group_id": 11,
        "priority": "high",
        "assignee_email": "ines@acme.example",
        "ticket_form_id": 21,
        "tags": ["social", "vip_customer"],
        "custom_fields": [
            {"id": 31, "value": "mastodon"},
            {"id": 32, "value": "https://example.social/1?a=b&c"},
        ],
        "requester_id": 77,
        "comment": {
            "html_body": "<p>hello<br>&lt;you&gt;</p>",
            "public": False,
            "author_id": 77,
            "uploads": ["t1", "t2"],
        },
        "metadata": {"bridge": {"mark": "mark-1"}},
        "via_followup_source_id": 30,
    }
    assert expected == said(desk.compose_open(ticket, comment, "77"))


def test_what_is_not_said_is_not_sent(desk):
    """Empty words leave Zendesk's own values alone; `public` is always said."""
    opening = said(desk.compose_open(Ticket("s", "x"), SAY, ""))
    assert {"subject", "external_id", "comment", "metadata"} == set(opening)
    assert opening["comment"] == {"html_body": "<p>hello</p>", "public": True}


def test_an_assignee_by_number(desk):
    """An id is sent as an id."""
    assert said(desk.compose_open(Ticket("s", "x", assignee="44"), SAY, ""))["assignee_id"] == 44


def test_appending_reopens_and_adds_tags(desk):
    """`additional_tags` and not `tags`, which would take away those on the ticket."""
    body = desk.compose_append(SAY, "77", reopen=True, tags=("late",), fields=(("network", "x"),))
    expected = {
        "comment": {"html_body": "<p>hello</p>", "public": True, "author_id": 77},
        "metadata": {"bridge": {"mark": "mark-1"}},
        "status": "open",
        "additional_tags": ["late"],
        "custom_fields": [{"id": 31, "value": "x"}],
    }
    assert expected == said(body)
    plain = said(desk.compose_append(SAY, "", reopen=False))
    assert {"comment", "metadata"} == set(plain)


def test_appending_solves_when_asked(desk):
    """The last word on a ticket that the bridge opened for itself."""
    assert "solved" == said(desk.compose_append(SAY, "", reopen=False, solve=True))["status"]


def test_setting_fields_says_nothing(desk):
    """No comment, but the mark."""
    body = said(desk.compose_fields("f1", (("network", "x{{y"), ("permalink", ""))))
    fields = [{"id": 31, "value": "x{\N{WORD JOINER}{y"}, {"id": 32, "value": ""}]
    assert {"custom_fields": fields, "metadata": {"bridge": {"mark": "f1"}}} == body


@pytest.mark.parametrize("word", ["auto", "private", "public"])
def test_the_choice_is_set_by_its_option(desk, word):
    """Our words become the tags of the drop-down's options; an option stays what it is."""
    for value in (word, f"bridge_reply_{word}"):
        (field,) = said(desk.compose_fields("f1", (("reply_as", value),)))["custom_fields"]
        assert {"id": 33, "value": f"bridge_reply_{word}"} == field


def test_groups_are_read_once_and_again_on_a_miss(desk, stub):
    """A group made later is found; a known one costs no call."""
    stub.will(GROUPS)
    for name in ("Social", "Press", "12"):
        desk.compose_open(Ticket("s", "x", group=name), SAY, "")
    assert len(stub.seen) == 1
    stub.will({"groups": [*GROUPS["groups"], {"id": 13, "name": "New"}]})
    assert said(desk.compose_open(Ticket("s", "x", group="New"), SAY, ""))["group_id"] == 13
    assert len(stub.seen) == 2


def test_groups_that_cannot_be_read_are_tried_again(desk, stub):
    """An outage is not a mistake in the mapping."""
    stub.will({}, 500)
    with pytest.raises(Unreachable):
        desk.compose_open(Ticket("s", "x", group="Social"), SAY, "")


def test_two_groups_of_one_name_must_be_told_apart(desk, stub):
    """The admin gives the id instead."""
    stub.will({"groups": [{"id": 1, "name": "Same"}, {"id": 2, "name": "Same"}]})
    with pytest.raises(Misconfigured, match="ids 1, 2"):
        desk.compose_open(Ticket("s", "x", group="Same"), SAY, "")


def test_a_zendesk_without_forms_says_so(desk, stub):
    """Forms are not in every plan."""
    stub.will({"error": {"title": "Forbidden", "message": "no"}}, 403)
    with pytest.raises(Misconfigured, match="no ticket forms"):
        desk.compose_open(Ticket("s", "x", form="F"), SAY, "")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![](https://tracker.example/x.png) [click](javascript:alert(1)) **bold** # head",
        "{{ticket.requester.email}} {% if true %}{{{{x}}}}{% endif %}",
        "</p></div><redact>gone</redact>",
        "&lt;b&gt; &amp;amp;",
        "\x00\x1b[31m\x7f nul and escape",
        "lone \ud800 half",
        "a\r\nb\rc",
    ],
)
def test_hostile_text_is_only_text(hostile):
    """Nothing a customer wrote is markup, Markdown or a placeholder to Zendesk."""
    body = as_html(hostile)
    inner = body.removeprefix("<p>").removesuffix("</p>").replace("<br>", "\n")
    assert "<" not in inner
    assert "{{" not in body
    assert "{%" not in body
    assert html.unescape(inner) == literal(hostile).strip()


@given(st.text(st.characters()))
def test_any_text_survives_as_itself(text):
    """Any text: harmless as HTML, and JSON of plain ASCII."""
    body = as_html(text)
    json.dumps(body).encode("ascii")
    inner = body.removeprefix("<p>").removesuffix("</p>").replace("<br>", "\n")
    assert "<" not in inner
    assert ">" not in inner
    assert "{{" not in inner
    joined = html.unescape(inner).replace("\N{WORD JOINER}", "")
    assert joined == literal(text).replace("\N{WORD JOINER}", "").strip() or joined == "–"


def test_no_text_is_still_a_comment():
    """Zendesk refuses an empty comment, even with files."""
    assert as_html(" \n ") == "<p>–</p>"


def test_a_placeholder_in_a_subject_is_broken_too(desk):
    """Subjects take placeholders as well."""
    opening = said(desk.compose_open(Ticket("{{dc.secret}}", "x"), SAY, ""))
    assert "{{" not in opening["subject"]


def test_tags_are_what_zendesk_makes_of_them():
    """Lower case, without spaces, each once."""
    assert as_tags((" VIP  One", "vip one", "", "b")) == ["b", "vip_one"]

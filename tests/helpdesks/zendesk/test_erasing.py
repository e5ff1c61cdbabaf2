"""How one person is taken off Zendesk, call by call, and what is said of what could not be."""

from __future__ import annotations

import pytest

from bridge.errors import NeedsSignIn
from bridge.helpdesks.contract import Erased

HISTORY = "ticket 35: the history of its fields keeps former values"
NO_RIGHT = {"error": "Forbidden", "description": "You cannot do this"}


def _ticket(**more):
    return {"ticket": {"id": 35, "status": "open", "subject": "Hi", "requester_id": 9, **more}}


def _comment(number, author, html, **more):
    kept = {"type": "Comment", "public": True, "html_body": html, "author_id": author}
    return {"id": number, **kept, **more}


def test_a_right_that_is_missing_is_told_and_stops_nothing_else(desk, stub):
    """Each comment by itself; what cannot be redacted is named by number."""
    stub.will(_ticket())
    stub.will({"comments": [_comment(900, 77, "<p>one</p>"), _comment(901, 77, "<p>two</p>")]})
    stub.will(NO_RIGHT, 403).will({"comment": {"id": 901}})
    done = desk.erase_from_ticket("35", "77", (), "note")
    assert done.done == ("ticket 35: 1 comments redacted",)
    assert done.left[0] == HISTORY
    assert done.left[1].startswith("ticket 35, comment 900: ")


def test_all_that_they_said_and_their_name_elsewhere_is_marked(desk, stub):
    """Their comment as a whole, links and files with it; of another's only the words; what is
    black already is not asked for again."""
    link = '<p>see <a href="https://a.example/ada">me</a> ▇▇</p>'
    file = {"content_url": "https://z.example/1", "file_name": "a.png", "content_type": "image/png"}
    black = _comment(902, 77, "<p>▇▇▇<br>▇▇</p>")
    theirs = _comment(900, 77, link, attachments=[file])
    stub.will(_ticket())
    stub.will({"comments": [theirs, _comment(901, 5, "<p>Dear Ada &amp; Adam</p>"), black]})
    stub.will({"comment": {"id": 900}}).will({"comment": {"id": 901}})
    done = desk.erase_from_ticket("35", "77", ("ada",), "note")
    assert stub.paths[2:] == [
        "PUT /api/v2/comment_redactions/900.json",
        "PUT /api/v2/comment_redactions/901.json",
    ]
    first, second = (seen.json for seen in stub.seen[2:])
    marked = (
        '<redact>see </redact><a href="https://a.example/ada" redact><redact>me</redact></a> ▇▇'
    )
    assert first["html_body"] == f"<p>{marked}</p>"
    assert first["external_attachment_urls"] == ["https://z.example/1"]
    assert second["html_body"] == "<p>Dear <redact>Ada</redact> &amp; Adam</p>"
    assert done == Erased(("ticket 35: 2 comments redacted",), (HISTORY,))


def test_a_dead_token_is_no_answer_about_a_comment(desk, stub):
    """Signed out, nothing is certified: the erasure is run again."""
    stub.will({"error": "invalid_token"}, 401)
    with pytest.raises(NeedsSignIn):
        desk.erase_from_ticket("35", "77", (), "note")


def test_an_external_id_that_stays_is_told(desk, stub):
    """Zendesk's answer decides, not what was asked of it."""
    stub.will({"user": {"id": 77, "name": "Erased person", "external_id": "mastodon:user:1"}})
    done = desk.erase_user("77", delete=False)
    assert done.left == ("user 77: Zendesk kept the external id",)
    assert stub.seen[0].json == {"user": {"name": "Erased person", "external_id": None}}

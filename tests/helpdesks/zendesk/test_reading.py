"""What the desk reads: comments, who wrote them, what was chosen, and what changed since."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bridge.errors import Gone, Refused, Unreachable
from bridge.helpdesks.contract import Changed, Commented, TicketState
from bridge.model import AgentComment, Attachment

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ME = {"user": {"id": 1, "name": "Bridge", "role": "admin"}}
INES, TOM, ADA = 2, 3, 77
USERS = {
    "users": [
        {"id": 1, "name": "Bridge", "role": "admin"},
        {"id": INES, "name": "Ines", "role": "agent"},
        {"id": TOM, "name": "Tom", "role": "admin"},
        {"id": ADA, "name": "Ada", "role": "end-user"},
    ]
}
MARK = {"system": {}, "custom": {"bridge": {"mark": "m1"}}}
AGENT_MARK = {"system": {}, "custom": {}}
AUDITS = "GET /api/v2/tickets/35/audits.json?page%5Bsize%5D=100&include=users"
PRIVATE, PUBLIC, AUTO = "bridge_reply_private", "bridge_reply_public", "bridge_reply_auto"


def comment(number, author=INES, minute=0, **more):
    return {
        "id": number,
        "type": "Comment",
        "author_id": author,
        "audit_id": number + 1000,
        "public": True,
        "html_body": f"<div class='zd-comment'><p>words {number}</p></div>",
        "created_at": f"2026-11-21T10:{minute:02}:00Z",
        "metadata": AGENT_MARK,
        "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
        "attachments": [],
        **more,
    }


def set_to(value, kind="Change", channel="web"):
    return {
        "id": 5,
        "type": kind,
        "field_name": "33",
        "value": value,
        "via": {"channel": channel},
    }


def audit(author, *events, says=0, **more):
    spoken = [{"id": says, "type": "Comment"}] if says else []
    number = says + 1000 if says else 9
    return {"id": number, "author_id": author, "events": [*spoken, *events], **more}


TOLD_BY_THE_AUDIT = ("metadata", "created_at", "audit_id", "via")


def spoken(said):
    """The comment as an audit tells it: what is the same for all of it, it tells itself."""
    event = {name: value for name, value in said.items() if name not in TOLD_BY_THE_AUDIT}
    kept = {name: said.get(name) for name in ("metadata", "created_at", "via")}
    return audit(said["author_id"]) | kept | {"id": said["audit_id"], "events": [event]}


def with_words(audits, comments):
    """Audits that only name their comments, with all that belongs to them; first the comments
    that none of them names."""
    whole = {said["id"]: spoken(said) for said in comments}
    named = {event["id"] for each in audits for event in each["events"]}
    yield from (told for number, told in whole.items() if number not in named)
    for each in audits:
        first, *others = each["events"] or [{}]
        if first.get("type") == "Comment":
            told = whole[first["id"]]
            more = {name: value for name, value in each.items() if name != "events"}
            yield told | more | {"events": [*told["events"], *others]}
        else:
            yield each


def read(desk, stub, comments, audits=None, *, users=USERS, then=()):
    """What is made of a ticket whose audits tell these comments, and `audits` if they are given;
    `then` is what the next requests are answered."""
    page = list(with_words(audits, comments)) if audits else [spoken(each) for each in comments]
    stub.will(ME).will({"audits": page, **users})
    for each in then:
        stub.will(each)
    return desk.comments("35")


def test_a_comment_without_an_id_is_not_read_around(desk, stub):
    """A shape that is not understood stops the reading; nothing is skipped in silence."""
    stub.will(ME).will({"audits": [audit(INES) | {"events": [{"type": "Comment"}]}]})
    with pytest.raises(Unreachable):
        desk.comments("35")


def test_an_entry_without_an_id_is_not_read_around_either(stub, new_desk):
    """In the list of comments."""
    desk = new_desk(stub.address, fields=())
    stub.will(ME).will({"comments": [{"type": "Comment", "public": True}]})
    with pytest.raises(Unreachable):
        desk.comments("35")


def test_all_pages_of_audits_are_read_and_the_oldest_is_first(desk, stub):
    """Two pages, out of order, become one list."""
    following = f"{stub.address}/api/v2/tickets/35/audits.json?page[after]=x"
    first = {"audits": [spoken(comment(3, ADA, 9))], "meta": {"has_more": True}}
    stub.will(ME).will(first | {"links": {"next": following}})
    later = [spoken(comment(2, ADA, 5)), spoken(comment(1, ADA, 5))]
    stub.will({"audits": later, "meta": {"has_more": False}}).will(USERS)
    assert [found.id for found in desk.comments("35")] == ["1", "2", "3"]
    assert AUDITS == stub.paths[1]


@pytest.mark.parametrize("along", [{}, {"users": []}, USERS])
def test_a_page_without_people_is_not_the_last_one(desk, stub, along):
    """Only what rules did, say: whoever comes along or not, the answer after it is read."""
    following = f"{stub.address}/api/v2/tickets/35/audits.json?page[after]=x"
    more = {"meta": {"has_more": True}, "links": {"next": following}}
    stub.will(ME).will({"audits": [spoken(comment(1, ADA))], **USERS, **more})
    stub.will({"audits": [audit(-1)], **along, **more})
    stub.will({"audits": [spoken(comment(2, minute=2))], **USERS, "meta": {"has_more": False}})
    assert [found.id for found in desk.comments("35")] == ["1", "2"]


def test_all_pages_of_comments_are_read_and_the_oldest_is_first(stub, new_desk):
    """Where there is no field to choose in, and the comments alone will do."""
    desk = new_desk(stub.address, fields=())
    following = f"{stub.address}/api/v2/tickets/35/comments.json?page[after]=x"
    first = {"comments": [comment(3, ADA, 9)], "meta": {"has_more": True}}
    stub.will(ME).will(first | {"links": {"next": following}})
    stub.will({"comments": [comment(2, ADA, 5), comment(1, ADA, 5)], "meta": {"has_more": False}})
    stub.will(USERS)
    assert [found.id for found in desk.comments("35")] == ["1", "2", "3"]
    assert "include_inline_images=true" in stub.paths[1]


def test_a_comment_is_told_whole(desk, stub):
    """Text from HTML, author, time, attachments; deleted files are left out."""
    files = [
        {
            "content_url": "https://x/a",
            "file_name": "a.png",
            "content_type": "image/png",
            "size": 3,
        },
        {"content_url": "https://x/b", "file_name": "b", "deleted": True},
    ]
    marked = comment(2, ADA, metadata=MARK, html_body=None, body="from us", minute=1)
    found = read(desk, stub, [comment(1, attachments=files), marked])
    assert len(stub.paths) == 2
    expected = AgentComment(
        id="1",
        ticket_id="35",
        text="words 1",
        public=True,
        by_agent=True,
        author_id="2",
        author_name="Ines",
        created_at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
        attachments=(Attachment("https://x/a", "a.png", "image/png", 3),),
    )
    assert expected == found[0]
    assert (found[1].text, found[1].mark, found[1].by_agent) == ("from us", "m1", False)


@pytest.mark.parametrize(
    ("changes", "by_agent"),
    [
        ({}, True),
        ({"author_id": TOM}, True),
        ({"author_id": ADA}, False),
        ({"author_id": 1}, False),
        ({"author_id": 999}, False),
        ({"author_id": -1}, False),
        ({"author_id": None}, False),
        ({"metadata": MARK}, False),
        ({"metadata": None}, True),
        ({"type": "VoiceComment"}, False),
        ({"via": {"channel": "system"}}, False),
        ({"via": {"channel": "web", "source": {"rel": "merge"}}}, False),
        ({"via": {"channel": "api", "source": None}}, True),
        ({"via": None}, True),
    ],
)
def test_who_is_an_agent(desk, stub, changes, by_agent):
    """Customers, the bridge, Zendesk itself and the unknown are not; an app that answers is."""
    said = comment(1) | changes
    nobody = {"users": []}
    unknown = [nobody] if changes.get("author_id") == 999 else []
    # Where the audit does not say who it was, the comments are asked.
    (found,) = read(desk, stub, [said], then=[*unknown, {"comments": [said]}, nobody])
    assert by_agent is found.by_agent


@pytest.mark.parametrize("changes", [{"author_id": ADA}, {"public": False}, {}])
def test_one_call_tells_what_was_said_and_what_was_chosen(desk, stub, changes):
    """Audits alone, with their authors: for a customer's words, a note, an agent's answer."""
    (found,) = read(desk, stub, [comment(1) | changes])
    assert (found.id, found.text) == ("1", "words 1")
    assert [AUDITS] == stub.paths[1:]


def redacted(number):
    return {"id": 8, "type": "CommentRedactionEvent", "comment_id": number}


PICTURE = '<p>look</p><img src="https://acme.zendesk.com/attachments/token/x/?name=a.png">'


@pytest.mark.parametrize(
    ("says", "events"),
    [
        # redacted, or made private, afterwards: what the audit then says is not documented
        ({}, [redacted(1)]),
        ({}, [redacted("1")]),
        ({}, [{"type": "CommentPrivacyChange", "comment_id": 1, "public": False}]),
        # a file was taken away from a comment that is not named
        ({}, [{"type": "AttachmentRedactionEvent", "attachment_id": 4}]),
        # a picture among the words: only the comments are documented to name it as a file
        ({"html_body": PICTURE}, []),
        # something was said in a way that we do not know
        ({}, [{"id": 4, "type": "FacebookComment", "body": "hi"}]),
        # something is missing
        ({"html_body": None}, []),
        ({"public": None}, []),
        ({"author_id": None}, []),
        ({"attachments": None}, []),
        ({"attachments": [{"id": 4}]}, []),
        ({"attachments": [{"id": 4, "content_url": "https://x/a"}]}, []),
    ],
)
def test_where_audits_are_not_enough_the_comments_are_read(desk, stub, says, events):
    """And believed: here they say that it is no public answer any more, and other words."""
    told = spoken(comment(1) | says)
    told["events"] += events
    stub.will(ME).will({"audits": [told, audit(TOM, set_to(PRIVATE))], **USERS})
    stub.will({"comments": [comment(1, public=False, html_body="<p>less</p>")]})
    (found,) = desk.comments("35")
    assert (found.public, found.text, found.by_agent) == (False, "less", True)
    assert "include_inline_images=true" in stub.paths[2]


def test_what_was_said_since_the_audits_were_read_goes_as_it_was_chosen(desk, stub):
    """An answer that comes while the list is asked for: that a private message was chosen with it
    is told by later audits only, and nothing may be sent that only looks unchosen."""
    first, second = comment(1, html_body=PICTURE), comment(2, TOM, 5)
    later = spoken(second)
    later["events"].append(set_to(PRIVATE))
    stub.will(ME).will({"audits": [spoken(first)], **USERS}).will({"comments": [first, second]})
    stub.will({"audits": [spoken(first), later]})
    found = desk.comments("35")
    assert [(each.id, each.reply_as, each.chosen_here) for each in found] == [
        ("1", "", False),
        ("2", "private", True),
    ]


def test_without_any_audit_the_comments_are_read(desk, stub):
    """There is one for everything: that there is none cannot be right."""
    stub.will(ME).will({"audits": [], **USERS}).will({"comments": [comment(1)]})
    stub.will({"audits": []})
    (found,) = desk.comments("35")
    assert found.by_agent


@pytest.mark.parametrize(
    ("said", "events"),
    [
        # a customer's words were redacted, as the bridge does it
        ([comment(1, ADA, metadata=MARK), comment(2, minute=1)], [redacted(1)]),
        # a picture that a customer sent, or in a note
        ([comment(1, ADA, html_body=PICTURE), comment(2, minute=1)], []),
        ([comment(1, html_body=PICTURE, public=False), comment(2, minute=1)], []),
    ],
)
def test_what_is_no_new_answer_asks_for_nothing_more(desk, stub, said, events):
    """The audits are enough."""
    page = [spoken(each) for each in said]
    page[-1]["events"] += events
    stub.will(ME).will({"audits": page, **USERS})
    assert [each.id for each in desk.comments("35")] == ["1", "2"]
    assert len(stub.paths) == 2


def test_an_answer_that_is_known_asks_for_nothing_more(desk, stub):
    """It was redacted after it had been taken up."""
    told = spoken(comment(1))
    told["events"].append(redacted(1))
    stub.will(ME).will({"audits": [told], **USERS})
    (found,) = desk.comments("35", frozenset({"1"}))
    assert (found.id, len(stub.paths)) == ("1", 2)


def test_what_is_left_of_comments_is_read_from_their_list(desk, stub):
    """It alone is documented to tell what a redaction, or a privacy change, has left."""
    file = {"content_url": "https://acme.zendesk.com/a", "file_name": "redacted.txt"}
    gone = file | {"file_name": "gone.png", "deleted": True}
    left = comment(1, html_body="<p>code ▇▇▇</p>", attachments=[file, gone])
    stub.will({"comments": [left, comment(2, minute=1, public=False)]})
    first, second = desk.comments_now("35")
    assert (True, "code ▇▇▇", ("redacted.txt",)) == (first.public, first.text, first.files)
    assert ("2", False) == (second.id, second.public)
    assert len(stub.paths) == 1


def test_a_comment_came_the_way_its_event_says(desk, stub):
    """An event has a `via` of its own where it came another way than its audit; a merge is one
    whichever of the two says so."""
    system = {"via": {"channel": "system"}}
    merge = {"via": {"channel": "web", "source": {"rel": "merge"}}}
    web = {"via": {"channel": "web"}}
    ways = [(web, system), (system, web), (web, merge), (merge, web), (system, {}), (web, {})]
    page = []
    for number, (whole, own) in enumerate(ways, 1):
        told = spoken(comment(number, minute=number)) | whole
        told["events"][0] |= own
        page.append(told)
    stub.will(ME).will({"audits": page, **USERS})
    by_agent = [each.by_agent for each in desk.comments("35")]
    assert by_agent == [False, True, False, False, False, True]


def test_authors_come_along_and_only_who_is_told_whole_is_believed(desk, stub):
    """A deleted user may come as a name, and one without a role is asked for: an agent's answer is
    not taken for a customer's because of what came along."""
    told = [{"id": INES, "name": "Ines", "role": "agent"}, "Somebody", None, {"id": TOM}]
    then = [{"users": [{"id": TOM, "name": "Tom", "role": "admin"}]}]
    found = read(desk, stub, [comment(1), comment(2, TOM, 1)], users={"users": told}, then=then)
    assert [True, True] == [each.by_agent for each in found]
    assert f"ids={TOM}" in stub.paths[2]


def test_the_same_of_the_authors_of_comments(stub, new_desk):
    """Where the comments alone are read."""
    desk = new_desk(stub.address, fields=())
    told = [{"id": INES, "name": "Ines", "role": "agent"}, "Somebody", None, {"id": TOM}]
    stub.will(ME).will({"comments": [comment(1), comment(2, TOM, 1)], "users": told})
    stub.will({"users": [{"id": TOM, "name": "Tom", "role": "admin"}]})
    assert [True, True] == [each.by_agent for each in desk.comments("35")]
    assert f"ids={TOM}" in stub.paths[2]


def test_without_the_field_nothing_is_chosen(stub, new_desk):
    """No "reply as" field: no audits, no choice."""
    desk = new_desk(stub.address, fields=())
    stub.will(ME).will({"comments": [comment(1)]}).will(USERS)
    (found,) = desk.comments("35")
    assert (found.reply_as, found.chosen_here) == ("", False)
    assert not [path for path in stub.paths if "audits" in path]


@pytest.mark.parametrize(
    ("audits", "expected"),
    [
        # nothing was ever chosen
        ([audit(ADA, says=1), audit(INES, says=2)], ("", False)),
        # chosen together with the reply
        ([audit(INES, set_to(PUBLIC), says=2)], ("public", True)),
        ([audit(INES, set_to(PRIVATE), says=2)], ("private", True)),
        # chosen before, without words
        ([audit(TOM, set_to(PRIVATE)), audit(INES, says=2)], ("private", True)),
        # chosen for an earlier reply: it stands, but it is no act for this one
        ([audit(INES, set_to(PUBLIC), says=1), audit(INES, says=2)], ("public", False)),
        # chosen again
        (
            [audit(INES, set_to(PUBLIC), says=1), audit(INES, set_to(PUBLIC), says=2)],
            ("public", True),
        ),
        # taken back
        ([audit(INES, set_to(PUBLIC)), audit(INES, set_to(AUTO), says=2)], ("", False)),
        ([audit(INES, set_to(PUBLIC)), audit(INES, set_to(None), says=2)], ("", False)),
        # set by a trigger in the reply's own audit: after the words were written
        ([audit(INES, set_to(PUBLIC, channel="rule"), says=2)], ("", False)),
        # set by an automation, by the bridge, by the customer: stands, but nobody chose
        ([audit(-1, set_to(PUBLIC)), audit(INES, says=2)], ("public", False)),
        ([audit(1, set_to(PUBLIC)), audit(INES, says=2)], ("public", False)),
        ([audit(INES, set_to(PUBLIC), metadata=MARK), audit(INES, says=2)], ("public", False)),
        ([audit(ADA, set_to(PUBLIC, "Create"), says=1), audit(INES, says=2)], ("public", False)),
        # an agent's choice that a trigger turned round is no longer the agent's
        (
            [audit(INES, set_to(PRIVATE), set_to(PUBLIC, channel="rule")), audit(INES, says=2)],
            ("public", False),
        ),
        # another field
        ([audit(INES, set_to(PUBLIC) | {"field_name": "34"}, says=2)], ("", False)),
        (
            [audit(INES, set_to(["x"]), set_to(PUBLIC) | {"field_name": 33}, says=2)],
            ("public", True),
        ),
    ],
)
def test_the_choice_that_stood_and_whose_it_was(desk, stub, audits, expected):
    """For the reply with id 2: what the field held, and whether an agent set it for this reply."""
    author = ADA if audits[0]["author_id"] == ADA else INES
    comments = [comment(1, author, 0), comment(2, INES, 5)]
    found = read(desk, stub, comments, audits)
    assert expected == (found[1].reply_as, found[1].chosen_here)


def test_a_note_in_between_does_not_use_up_a_choice(desk, stub):
    """Only a public reply by an agent does."""
    comments = [comment(1, INES, 0, public=False), comment(2, INES, 5)]
    audits = [audit(INES, set_to(PUBLIC)), audit(INES, says=1), audit(INES, says=2)]
    found = read(desk, stub, comments, audits)
    assert (found[1].reply_as, found[1].chosen_here) == ("public", True)


def test_who_set_the_field_is_looked_up(desk, stub):
    """An agent who only set the field wrote no comment, and is asked about if they did not come
    along."""
    audits = [audit(TOM, set_to(PUBLIC)), audit(INES, says=2)]
    ines, tom = USERS["users"][1:3]
    told, then = {"users": [ines]}, [{"users": [tom]}]
    (found,) = read(desk, stub, [comment(2)], audits, users=told, then=then)
    assert (found.reply_as, found.chosen_here) == ("public", True)
    assert stub.paths[-1] == "GET /api/v2/users/show_many.json?ids=3"


def test_our_own_user_is_asked_for_once(desk, stub):
    """It does not change while the credentials stay."""
    read(desk, stub, [comment(1, ADA)])
    stub.will({"audits": [audit(ADA)]})
    assert desk.comments("35") == ()
    assert len([path for path in stub.paths if "/users/me" in path]) == 1


def test_a_ticket_that_is_not_there_is_gone(desk, stub):
    """404 is a state; for a read of its comments it is `Gone`."""
    stub.will({"error": "RecordNotFound"}, 404).will(ME).will({"error": "RecordNotFound"}, 404)
    assert TicketState("35", "deleted", gone=True) == desk.state("35")
    with pytest.raises(Gone):
        desk.comments("35")


def _state(desk, stub, *audits, tags=("closed_by_merge",), status="closed"):
    stub.will({"ticket": {"id": 35, "status": status, "tags": list(tags)}})
    stub.will({"audits": list(audits)})
    return desk.state("35")


def _merge(**source):
    return {"id": 1, "events": [], "via": {"source": {"rel": "merge", **source}}}


@pytest.mark.parametrize(
    ("audits", "expected"),
    [
        ([_merge(to={"ticket_id": 40, "subject": "x"})], "40"),
        ([_merge(to={}, **{"from": {"ticket_id": "41"}})], "41"),
        ([_merge(**{"from": {"ticket_ids": [7, 8]}}), _merge(to={"ticket_id": 40})], "40"),
        (
            [
                {
                    "id": 1,
                    "events": [
                        {"id": 2, "type": "Comment", "via": _merge(to={"ticket_id": 42})["via"]}
                    ],
                }
            ],
            "42",
        ),
        ([_merge(**{"from": {"ticket_ids": [7, 8]}})], ""),
        ([_merge(to={"ticket_id": 35})], ""),
        ([{"id": 1, "events": [], "via": {"channel": "web"}}], ""),
    ],
)
def test_where_a_merged_ticket_went(desk, stub, audits, expected):
    """What the audits of a merge name, and nothing that is only guessed."""
    found = _state(desk, stub, *audits)
    assert expected == found.merged_into


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"from": {"ticket_ids": [7, 8]}, "to": {}}, ("7", "8")),
        ({"from": {"ticket_id": 7, "subject": "x"}}, ("7",)),
        ({"from": {"ticket_id": 7, "ticket_ids": [7, "8"]}, "to": {"ticket_id": 35}}, ("7", "8")),
        ({"from": {"ticket_ids": "odd"}, "to": None}, ("",)),
        ({}, ("",)),
        ({"from": {"ticket_id": 35}, "to": {"ticket_id": 40}}, ()),
    ],
)
def test_which_tickets_a_merge_comment_names(desk, stub, source, expected):
    """What it does not name is a ticket all the same; on the one that is closed there is none."""
    (found,) = read(desk, stub, [comment(1, via=_merge(**source)["via"])])
    assert (expected, False) == (found.merged_from, found.by_agent)


@pytest.mark.parametrize(
    ("ticket", "is_merged"),
    [
        ({"status": "closed", "tags": ["bridge", "closed_by_merge"]}, True),
        ({"status": "closed", "tags": ["bridge"]}, False),
        ({"status": "open", "tags": ["closed_by_merge"]}, False),
        ({"status": "closed", "tags": None}, False),
    ],
)
def test_the_export_tells_which_tickets_were_merged(desk, stub, ticket, is_merged):
    stub.will({"tickets": [{"id": 35, **ticket}], "after_cursor": "a", "end_of_stream": True})
    (state,) = desk.changed_since("before", datetime(2026, 11, 21, tzinfo=UTC)).states
    assert is_merged is state.is_merged


def test_only_a_merged_ticket_is_looked_into(desk, stub):
    """The target of a merge names its source too, but is not closed by it."""
    assert _state(desk, stub, tags=(), status="open").merged_into == ""
    assert len(stub.seen) == 1


def test_a_deleted_ticket_is_gone(desk, stub):
    """Should Zendesk still show it."""
    assert _state(desk, stub, tags=(), status="deleted").gone


def test_what_changed_begins_a_little_before_now(desk, stub):
    """The first cursor is a time; then it is Zendesk's own."""
    page = {"tickets": [{"id": 5}, {"id": 6, "status": "deleted"}, {"id": 5}]}
    stub.will(page | {"after_cursor": "MTU=+/x", "end_of_stream": False})
    first = desk.changed_since("", NOW)
    assert (("5", "6"), "MTU=+/x", True) == (first.ticket_ids, first.cursor, first.more)
    assert [("5", False), ("6", True), ("5", False)] == [
        (each.ticket_id, each.gone) for each in first.states
    ]
    start = int((NOW - timedelta(minutes=5)).timestamp())
    assert f"GET /api/v2/incremental/tickets/cursor.json?start_time={start}" == stub.paths[0]
    stub.will({"tickets": [], "after_cursor": "MTV", "end_of_stream": True})
    assert Changed((), "MTV", more=False) == desk.changed_since(first.cursor, NOW)
    assert stub.paths[1] == "GET /api/v2/incremental/tickets/cursor.json?cursor=MTU%3D%2B%2Fx"


def test_an_empty_first_page_loses_no_time(desk, stub):
    """Without a cursor from Zendesk the place stays at the time it began with."""
    for _ in range(2):
        stub.will({"tickets": [], "after_cursor": None, "end_of_stream": True})
    first = desk.changed_since("", NOW)
    again = desk.changed_since(first.cursor, NOW + timedelta(hours=3))
    assert first == again
    assert stub.paths[0] == stub.paths[1]


def test_a_page_that_leads_nowhere_is_not_asked_for_again_at_once(desk, stub):
    """No spinning on a cursor that does not move."""
    stub.will({"tickets": [], "after_cursor": "c", "end_of_stream": False})
    assert not desk.changed_since("c", NOW).more


EVENT = {
    "ticket_id": 35,
    "created_at": "2026-11-21T10:00:00Z",
    "child_events": [{"id": 1001, "event_type": "Comment"}, {"id": 9, "event_type": "Change"}],
}


def test_all_that_was_said_since_is_told_with_its_tickets(desk, stub):
    """Changes without a word are told too."""
    silent = EVENT | {"child_events": []}
    stub.will({"ticket_events": [EVENT, silent], "count": 2, "end_of_stream": True})
    at = datetime(2026, 11, 21, 10, tzinfo=UTC)
    expected = (Commented("35", "1001", at), Commented("35", "", at))
    assert expected == desk.comments_since(NOW)


@pytest.mark.parametrize(
    "more", [{"end_of_stream": False}, {"end_of_stream": None}, {"count": 1000}]
)
def test_what_may_not_be_all_is_none(desk, stub, more):
    """Only a page that is said to be the last one, and is not full, tells all."""
    stub.will({"ticket_events": [EVENT], "count": 1, "end_of_stream": True} | more)
    assert desk.comments_since(NOW) is None


def test_what_was_said_since_is_asked_by_their_clock(desk, stub, watch):
    """Ours is an hour ahead: what they told last, they told an hour before that by our clock."""
    watch.forward(hours=1)
    for _ in range(2):
        nothing = {"ticket_events": [], "count": 0, "end_of_stream": True}
        stub.will(nothing, Date=format_datetime(NOW, usegmt=True))
        desk.comments_since(watch.now)
    assert f"start_time={int(NOW.timestamp())}" in stub.paths[1]


def test_files_come_with_our_token_from_our_host_only(desk, stub, new_stub):
    """Another host gets no credentials; a size over the limit is refused."""
    stub.will(b"bytes", content_type="image/png").will(b"x" * 11, content_type="text/plain")
    other = new_stub()
    file = desk.download(Attachment(f"{stub.address}/a/1", "a.png", "image/png"), 10)
    assert (file.content, file.filename, file.content_type) == (b"bytes", "a.png", "image/png")
    assert stub.seen[0].headers["Authorization"] == "Bearer static-token-value"
    with pytest.raises(Refused):
        desk.download(Attachment(f"{stub.address}/a/2", "b", ""), 10)
    with pytest.raises(Refused):
        desk.download(Attachment(f"{other.address}/a/3", "c", ""), 10)
    assert other.seen == []


def test_a_redirect_of_a_file_does_not_take_the_token_along(desk, stub, new_stub):
    """Private attachments redirect to a store elsewhere."""
    other = new_stub()
    elsewhere = other.address.replace("127.0.0.1", "localhost")
    stub.will(b"", 302, Location=f"{elsewhere}/store/1")
    with pytest.raises(Refused):
        desk.download(Attachment(f"{stub.address}/a/1", "a.png", "image/png"), 10)
    assert other.seen == []

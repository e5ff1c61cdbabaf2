"""What `bridge doctor` finds."""

import pytest

from bridge.helpdesks.zendesk.events import PUBLISHED_TEST_KEY
from bridge.model import Urgency
from bridge.settings import Secret

DATE = "Sat, 21 Nov 2026 12:00:30 GMT"
ME = {"user": {"id": 1, "name": "Bridge", "role": "admin"}}
EXPORT = {"tickets": [], "after_cursor": "c", "end_of_stream": True}
GROUPS = {"groups": [{"id": 1, "name": "Social"}]}
OPTIONS = [
    {"value": value}
    for value in ("bridge_reply_private", "bridge_reply_public", "bridge_reply_auto")
]
FIELDS = {
    "ticket_fields": [
        {"id": 31, "type": "text", "active": True, "title": "Network"},
        {"id": 32, "type": "text", "active": True, "title": "Permalink"},
        {"id": 33, "type": "tagger", "active": True, "custom_field_options": OPTIONS},
    ]
}
ENDPOINT = "https://bridge.example/helpdesk/zendesk/events"
HOOK = {
    "endpoint": ENDPOINT,
    "status": "active",
    "subscriptions": ["zen:event-type:ticket.comment_added"],
}


def script(stub, **other):
    known = {
        "me": ME,
        "date": DATE,
        "export": EXPORT,
        "groups": GROUPS,
        "fields": FIELDS,
        "hooks": {"webhooks": [HOOK]},
    } | other
    stub.will(known["me"])
    stub.will(known["me"], Date=known["date"])
    for name in ("export", "groups", "fields", "hooks"):
        answer = known[name]
        stub.will({"error": "x"}, answer) if isinstance(answer, int) else stub.will(answer)


def problems(findings):
    return {found.about: found for found in findings if found.urgency is Urgency.PROBLEM}


@pytest.mark.parametrize(
    ("me", "says"),
    [
        ({"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}, "who we are"),
        ({"user": {"id": 7, "name": "Ada", "role": "end-user"}}, "is no agent"),
        ({"user": {"id": 7, "name": "Ines", "role": "agent"}}, "only an admin"),
    ],
)
def test_who_cannot_work_is_told_and_nothing_else(stub, new_desk, me, says):
    """Without the right sign-in the rest would only confuse."""
    stub.will(me)
    (found,) = new_desk(stub.address).examine()
    assert found.urgency is Urgency.PROBLEM
    assert says in found.says
    assert found.do


def test_dead_credentials_are_a_finding(stub, new_desk):
    """And so is a server that does not answer."""
    stub.will({"error": "invalid_token"}, 401).will_drop()
    desk = new_desk(stub.address)
    for word in ("ZENDESK_OAUTH_TOKEN", "broke"):
        (found,) = desk.examine()
        assert word in found.says


def test_a_sound_desk_has_no_problem(stub, new_desk):
    """Every finding is fine."""
    script(stub)
    findings = new_desk(stub.address, public_url="https://bridge.example/").examine()
    assert {Urgency.OK} == {found.urgency for found in findings}
    abouts = ["sign-in", "clock", "export", "groups", "field network", "field permalink"]
    abouts += ["field reply_as", "webhook secret", "webhook"]
    assert abouts == [found.about for found in findings]


@pytest.mark.parametrize(
    ("other", "about", "says"),
    [
        ({"date": "Sat, 21 Nov 2026 12:01:02 GMT"}, "clock", "62 seconds apart"),
        ({"export": 403}, "export", "does not let our user"),
        ({"groups": 500}, "groups", "500"),
        ({"fields": 403}, "fields", "does not let our user"),
        ({"hooks": 403}, "webhook", "does not let our user"),
        ({"hooks": {"webhooks": []}}, "webhook", ENDPOINT),
        ({"hooks": {"webhooks": [HOOK | {"status": "inactive"}]}}, "webhook", "switched off"),
        ({"hooks": {"webhooks": [HOOK | {"subscriptions": None}]}}, "webhook", "not subscribed"),
        ({"fields": {"ticket_fields": []}}, "field network", "does not exist"),
        (
            {"fields": {"ticket_fields": [{"id": 31, "type": "text", "active": False}]}},
            "field network",
            "switched off",
        ),
        (
            {"fields": {"ticket_fields": [{"id": 31, "type": "checkbox"}]}},
            "field network",
            "of type checkbox",
        ),
        (
            {"fields": {"ticket_fields": [{"id": 33, "type": "text"}]}},
            "field reply_as",
            "not tagger",
        ),
        (
            {"fields": {"ticket_fields": [{"id": 33, "type": "tagger"}]}},
            "field reply_as",
            "lacks the options bridge_reply_auto",
        ),
    ],
)
def test_each_fault_is_a_problem_of_its_own(stub, new_desk, other, about, says):
    """One that fails does not hide the others."""
    script(stub, **other)
    findings = new_desk(stub.address, public_url="https://bridge.example").examine()
    assert says in problems(findings)[about].says
    assert "webhook secret" in {found.about for found in findings}


@pytest.mark.parametrize(
    ("secret", "address"),
    [
        ("", "https://bridge.example"),
        (PUBLISHED_TEST_KEY, "https://bridge.example"),
        (PUBLISHED_TEST_KEY, ""),
    ],
)
def test_a_webhook_secret_that_is_none_is_a_problem(stub, new_desk, secret, address):
    """Unset where there is an address to call, or the one that everybody knows."""
    script(stub)
    desk = new_desk(stub.address, webhook_secret=Secret(secret), public_url=address)
    assert list(problems(desk.examine())) == ["webhook secret"]


def test_without_an_address_no_webhook_is_missed(stub, new_desk):
    """What agents write is found through the export, only later: that is advice."""
    script(stub)
    findings = new_desk(stub.address, webhook_secret=Secret("")).examine()
    assert {} == problems(findings)
    advice = {found.about: found for found in findings if found.urgency is Urgency.ADVICE}
    assert {"webhook secret", "webhook"} == set(advice)
    assert "BRIDGE_RECONCILE_SECONDS" in advice["webhook"].says
    assert "bridge setup zendesk" in advice["webhook"].do


def test_a_desk_without_a_choice_field_is_advised(stub, new_desk):
    """Agents can still write #dm or #public."""
    script(stub)
    findings = new_desk(stub.address, fields=(("network", 31),)).examine()
    advice = [found.about for found in findings if found.urgency is Urgency.ADVICE]
    assert advice == ["field reply_as", "webhook"]

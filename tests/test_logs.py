"""Nothing secret gets into a log, however it is wrapped."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bridge import logs
from bridge.logs import HIDDEN, Redaction
from bridge.settings import Secret

FERNET = base64.urlsafe_b64encode(b"a key that opens nothing at all!").decode()
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "gho_16C7e42F292c6912E7710c838347Ae178B4a"
KNOWN = "correct horse battery staple"


class Page(io.StringIO):
    """Where the log goes in a test."""

    @property
    def line(self) -> dict:
        return json.loads(self.getvalue().splitlines()[-1])


@pytest.fixture
def page() -> Iterator[Page]:
    """Logs set up for the test alone."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    page = Page()
    logs.set_up({"BRIDGE_SECRET_KEY": FERNET}, "debug", (Secret(KNOWN),), stream=page)
    yield page
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.captureWarnings(False)
    root.handlers[:], root.level = before[0], before[1]


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        (f"calling with Authorization: Bearer {TOKEN}", TOKEN),
        (f"calling with Bearer {TOKEN}, again", TOKEN),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="),
        (f"GET https://x.example/a?id=3&access_token={TOKEN}&page=2", TOKEN),
        ("GET /callback?code=9f8e7d6c5b&state=1", "9f8e7d6c5b"),
        ("postgresql+psycopg://bridge:pa%2Fss@db.example/x", "pa%2Fss"),
        ("postgresql://bridge:p@ss@db.example/x", "p@ss"),
        (f"the secret is {WHSEC}.", WHSEC),
        (f"opened with {FERNET}", FERNET),
        (f"said {KNOWN}!", KNOWN),
        ('{"client_secret": "s3cr3t value", "id": 3}', "s3cr3t value"),
        ("{'refresh_token': 'abc123def', 'x': 1}", "abc123def"),
        (f"ZENDESK_OAUTH_TOKEN={TOKEN}", TOKEN),
        ("[('Authorization', 'Bearer abcdef'), ('Accept', '*/*')]", "abcdef"),
        ("headers: {'Authorization': 'Token t0k3n'}", "t0k3n"),
    ],
)
def test_a_secret_in_words_is_taken_out(page, said, secret):
    """In the message itself, in a value, in an exception, in a library's line."""
    structlog.get_logger().warning(said, detail=said, nested={"deep": [said, (said,)]})
    try:
        raise ValueError(said)
    except ValueError:
        structlog.get_logger().exception("failed", raw=said.encode())
        logging.getLogger("urllib3.connectionpool").exception("retry %s", said)
    assert HIDDEN in page.getvalue()
    assert secret not in page.getvalue()


@pytest.mark.parametrize(
    "name", ["authorization", "Set-Cookie", "api_key", "clientSecret", "password", "X-Signature"]
)
def test_a_value_under_a_telling_name_is_taken_out(page, name):
    """Whatever it looks like, and however deep; also as a pair in a list of headers."""
    structlog.get_logger().info(
        "sent", headers={name: "plain words"}, pairs=[(name, "plain words")]
    )
    assert "plain words" not in page.getvalue()


def test_what_is_no_secret_stays(page):
    """The log remains readable: ids, ticket numbers, addresses, ordinary sentences."""
    said = "ticket 35 at https://acme.zendesk.com/api/v2/tickets/35.json?page=2: the token is dead"
    structlog.get_logger().info(said, ticket=35, secret_missing=False, lane="conversation:7")
    assert said == page.line["event"]
    assert (35, False, "conversation:7") == tuple(
        page.line[name] for name in ("ticket", "secret_missing", "lane")
    )


def test_a_settings_secret_prints_as_asterisks(page):
    """Objects are shown by their own words, and those are looked through as well."""
    structlog.get_logger().info("loaded", thing=Secret("abcdefgh"), oddity=object())
    assert page.line["thing"] == "Secret('***')"


def test_the_delivery_is_in_every_line(page):
    """What is bound for a request or a step is in the libraries' lines too."""
    structlog.contextvars.bind_contextvars(delivery=17)
    structlog.get_logger().info("received")
    assert page.line["delivery"] == 17
    logging.getLogger("alembic.runtime").warning("something %s", "odd")
    assert (17, "something odd", "warning") == tuple(
        page.line[name] for name in ("delivery", "event", "level")
    )


def test_a_line_break_forges_no_line(page):
    """One event, one line."""
    structlog.get_logger().info("a\n{}\nb")
    assert len(page.getvalue().splitlines()) == 1


def test_setting_up_twice_logs_once(page):
    """More secrets become known later; lines are not doubled."""
    logs.set_up({}, "info", (Secret("a late secret"),), stream=page)
    structlog.get_logger().info("said a late secret")
    assert f"said {HIDDEN}" == page.line["event"]
    assert len(page.getvalue().splitlines()) == 1


def test_the_level_holds(page):
    """What is below it is not written."""
    logs.set_up({}, "warning", stream=page)
    structlog.get_logger().info("chatter")
    assert page.getvalue() == ""


def test_people_get_words(page):
    """BRIDGE_LOG_FORMAT=console, without colours where there is no terminal."""
    logs.set_up({"BRIDGE_LOG_FORMAT": "console"}, "info", stream=page)
    structlog.get_logger().info("received", delivery=3)
    assert "received" in page.getvalue()
    assert "delivery=3" in page.getvalue()
    assert "\x1b" not in page.getvalue()


@given(st.recursive(st.none() | st.text() | st.binary() | st.integers(), st.lists, max_leaves=20))
def test_anything_can_be_logged(value):
    """No value breaks the log, and what comes out is JSON's."""
    event = Redaction([Secret("xyzzy")])(None, "info", {"event": "e", "value": value})
    json.dumps(event)


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_of_a_stranger(form: str) -> None:
    """What a stranger wrote begins no line of the log and sends no command to a terminal."""
    out = io.StringIO()
    hostile = "x\r\nFORGED \x1b[2J\x9b1m\u2028FORGED\u202e\ud800"
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    logs.set_up({"BRIDGE_LOG_FORMAT": form}, stream=out)
    try:
        logging.getLogger("gunicorn.error").warning("Invalid request: %s", hostile)
        structlog.get_logger("here").warning("set aside", because=hostile, more=[hostile])
        try:
            raise ValueError(hostile)
        except ValueError:
            structlog.get_logger("here").exception("defect")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
        logging.captureWarnings(False)
    said = out.getvalue()

    assert [] == [line for line in said.splitlines() if line.startswith("FORGED")]
    assert [] == [sign for sign in said if sign != "\n" and not sign.isprintable()]


WORDS = ("whsec_", "authorization", "token", "Bearer", "://", "@", "key", "=", ":", " ", '"', "&")
PIECES = st.lists(st.sampled_from(WORDS) | st.text("aZ09_.:+-=/", max_size=6), max_size=8)


@given(PIECES.map("".join))
def test_the_short_look_finds_as_much_as_the_long_one(text: str) -> None:
    """What is let through at once is what no pattern would change."""
    looked_through = text
    for pattern, instead in logs._PATTERNS:
        looked_through = pattern.sub(instead, looked_through)
    assert looked_through == Redaction().text(text)

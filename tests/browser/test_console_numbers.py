"""What an admin reads of the numbers, and takes away as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from browsing import sticks_out, stumbles
from playwright.sync_api import Page, expect

from bridge.ledger import conversations, costs, intents, people, posts, replies
from bridge.ledger.posts import Because
from bridge.ledger.shapes import Draft
from bridge.model import (
    MINUTE,
    AgentComment,
    Kind,
    Outcome,
    Person,
    Post,
    Receipt,
    Visibility,
)
from bridge.text.tables import spoken

MAPPING = """
accounts:
  acme:
    network: mastodon
    options: {url: https://mastodon.example, token: env:MASTODON_TOKEN}
    targets: {public: 15m}
  page:
    network: messenger
    options:
      page_id: "1"
      app_id: "2"
      access_token: env:MASTODON_TOKEN
      app_secret: env:MASTODON_TOKEN
      verify_token: env:MASTODON_TOKEN
rules:
  - name: Everything
    route: {group: Support}
"""


class History:
    """Customers ask at the hour of the test's clock and before; agents answer after minutes."""

    def __init__(self, console, clock) -> None:
        self.console, self.clock = console, clock
        self.number = 0

    def asked(self, account: str, ago: int, waited: int | None, **more: object) -> None:
        """So many minutes ago, and answered so many minutes later."""
        self.number += 1
        name = f"{account}-{self.number}"
        ada = Person(account, name, "=HYPERLINK(1)", "Ada")
        at = self.clock() - ago * MINUTE
        visibility = more.get("visibility", Visibility.PUBLIC)
        post = Post(account, account, name, Kind.MENTION, visibility, ada, "hi", at, name)
        with self.console.bridge.ledger.writing() as tx:
            person = people.remember(tx, ada)
            where = conversations.begin(tx, account, person, f"thread:{name}", at)
            post_id = posts.store(
                tx, post, person_id=person, conversation_id=where, because=Because("", "", 1)
            )
            posts.add_revision(tx, post_id, post, None)
        if waited is None:
            return
        now, self.clock.now = self.clock.now, at + waited * MINUTE
        written = AgentComment(name, "35", "hi", True, True, "7", "Grace", self.clock())
        draft = Draft(account, visibility, "hi", ada, name, name, "en", ())
        with self.console.bridge.ledger.writing() as tx:
            reply_id = replies.take(
                tx, "zendesk", written, where, draft=draft, because="", answers=post_id
            )
            intent = intents.intend(
                tx,
                key=name,
                kind="send",
                far_side=account,
                conversation_id=where,
                body="{}",
                reply_id=reply_id,
            )
            if more.get("fails"):
                intents.note(tx, Outcome.REFUSED, reply_id=reply_id, code="too_long", because="")
                replies.came_to(tx, reply_id, Outcome.REFUSED)
            else:
                intents.settle(tx, intent, Receipt(f"r-{name}"))
        self.clock.now = now


@pytest.fixture
def shop(make_console, clock):
    """Six public questions on acme within the last days, four of them answered in time; private
    ones on a Facebook Page."""
    console = make_console(MAPPING)
    console.sign_in()
    history = History(console, clock)
    for day, waited in enumerate((4, 8, 12, 14, 90)):
        history.asked("acme", 60 + day * 24 * 60, waited)
    history.asked("acme", 120, None)
    history.asked("acme", 180, 5, fails=True)
    for _ in range(3):
        history.asked("page", 300, 10, visibility=Visibility.PRIVATE)
    history.asked("page", 200, 45, visibility=Visibility.PRIVATE)
    with console.bridge.ledger.writing() as tx:
        costs.spend(tx, "acme", "post read", 5_000, 20)
    return console


def cells(page: Page, table: str) -> list[list[str]]:
    rows = page.locator(f"section[aria-labelledby={table}] tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def test_numbers(shop, page: Page) -> None:
    """Waiting, shares, failures and the badge, as counted by hand; the plots are there."""
    with shop.seen_on(page) as url:
        page.goto(f"{url}/numbers?days=7")
        assert [
            ["acme", "Mastodon", "7", "5", "12 min", "1 h 30 min", "57.1 %", "2", "0", "0", "–"],
            ["page", "Messenger", "4", "4 few", "10 min", "45 min", "–", "0", "0", "0", "–"],
        ] == cells(page, "first-reply-accounts")
        (failure,) = cells(page, "failures")
        assert ["acme", "Mastodon", "too_long"] == failure[:3]
        assert "too long for Mastodon" in failure[3]
        assert [["acme", "Mastodon", "post read", "20", "0.10"]] == cells(page, "costs")
        badge = page.locator("section[aria-labelledby=badge]")
        expect(badge).to_contain_text("75 %")
        expect(badge).to_contain_text("6 more quick answers")
        for plot in page.locator("figure.plot img").all():
            plot.scroll_into_view_if_needed()
            expect(plot).to_have_js_property("complete", True)
            assert plot.evaluate("image => image.naturalWidth") > 0
        assert [] == stumbles(page)


def test_another_period(shop, page: Page) -> None:
    """The last day alone, chosen by its dates, for one account."""
    with shop.seen_on(page) as url:
        page.goto(f"{url}/numbers")
        page.get_by_label("Period").select_option("own")
        page.get_by_label("From", exact=True).fill("2026-11-21")
        page.get_by_label("To", exact=True).fill("2026-11-21")
        page.get_by_role("combobox", name="Account").select_option("acme")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("main")).to_contain_text("2026-11-21 to 2026-11-21, 1 day, acme")
        (row,) = cells(page, "first-reply-accounts")
        assert ["acme", "Mastodon", "3", "1 few", "4 min"] == row[:5]


def test_no_data(shop, page: Page) -> None:
    """A period with nothing in it says so, and invents no zero."""
    with shop.seen_on(page) as url:
        page.goto(f"{url}/numbers?from=2026-01-01&to=2026-01-31")
        expect(page.locator("section[aria-labelledby=first-reply-accounts]")).to_contain_text(
            "No data in this period"
        )
        assert [] == stumbles(page)


def test_on_a_telephone_and_in_the_dark(shop, phone: Page) -> None:
    """Nothing sticks out, and everything can be read."""
    phone.emulate_media(color_scheme="dark")
    with shop.seen_on(phone) as url:
        phone.goto(f"{url}/numbers?days=7")
        assert 0 == sticks_out(phone)
        assert [] == stumbles(phone)


def test_a_wrong_period_is_refused(shop) -> None:
    """In words; an account that there is not, too."""
    for asked, status in (
        ("from=2026-11-21&to=2026-11-20", 422),
        ("from=2020-01-01&to=2026-01-01", 422),
        ("from=yesterday", 422),
        ("account=nobody", 404),
        ("days=7", 200),
        ("days=x", 200),
    ):
        assert status == shop.get(f"/numbers?{asked}").status_code


def test_as_a_file(shop) -> None:
    """Plain numbers, the period in the name; no cell is a formula."""
    answer = shop.get("/numbers/first-reply-accounts.csv?days=7")
    assert (
        'filename="first-reply-accounts-2026-11-15-2026-11-21.csv"'
        in (answer.headers["Content-Disposition"])
    )
    heads, acme, _ = csv.reader(io.StringIO(answer.text))
    assert "Median (seconds)" == heads[4]
    assert ["acme", "Mastodon", "7", "5", "720", "5400", "0.5714"] == acme[:7]
    assert "\r\n" in answer.text
    assert 404 == shop.get("/numbers/secrets.csv").status_code


@pytest.mark.parametrize("plot", ["first-reply", "hours", "volume", "cost"])
@pytest.mark.parametrize("period", ["days=7", "days=90", "from=2026-01-01&to=2026-01-02"])
def test_plots_hold_no_script(shop, plot: str, period: str) -> None:
    """An SVG with a style that its own header allows, and nothing that could run."""
    answer = shop.get(f"/numbers/{plot}.svg?{period}")
    assert "image/svg+xml" == answer.content_type
    root = ElementTree.fromstring(answer.data)
    tags = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert "script" not in tags
    assert not re.search(r"\son[a-z]+=|javascript:|https?://(?!www\.w3\.org)", answer.text)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "style-src 'sha256-" in policy
    assert not re.search(r"\sstyle=", answer.text)
    assert answer.text.count("<style") == 1


def test_a_plot_by_itself_keeps_its_colours(shop, page: Page) -> None:
    """Opened alone the header's hash lets its stylesheet in."""
    with shop.seen_on(page) as url:
        page.goto(f"{url}/numbers/first-reply.svg?days=7")
        fill = page.evaluate("getComputedStyle(document.querySelector('.color-0 rect')).fill")
        assert "rgb(0, 114, 178)" == fill


def test_words_for_times() -> None:
    """As people say them, never rounded up into the next unit."""
    for seconds, says in (
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (47 * 3600 + 59, "47 h 00 min"),
        (50 * 3600, "2 days 2 h"),
    ):
        assert says == spoken(timedelta(seconds=seconds))
    assert ["–", "100 %", "33.3 %"] == [
        spoken(each) for each in (None, Fraction(1), Fraction(1, 3))
    ]

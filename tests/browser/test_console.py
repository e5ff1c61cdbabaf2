"""The console as a person sees it: with a keyboard, on a telephone, by a screen reader."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import sticks_out, stumbles
from console_rows import Rows, fill
from playwright.sync_api import Page, expect
from plugins_console import Console

from bridge.ledger import invitations

PAGES = (
    "/",
    "/conversations",
    "/conversations/1",
    "/waiting",
    "/deliveries/1",
    "/waiting/steps/1",
    "/admins",
    "/me",
    "/audit",
    "/nowhere",
)
PASSWORD = "four words in a row"


@pytest.fixture
def rows(console: Console, clock: Any) -> Rows:
    return fill(console.bridge.ledger, clock)


def test_from_the_link_to_the_start_page_and_out_again(page: Page, make_console: Any) -> None:
    """The whole way of the first admin, by keyboard alone."""
    console = make_console()
    with console.bridge.ledger.writing() as tx:
        invitations.make(tx, "t" * 43, made_by="the command line")
    with console.served() as url:
        page.goto(f"{url}/console/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Nobody can sign in yet")
        assert [] == stumbles(page)
        page.goto(f"{url}/console/welcome/{'t' * 43}")
        assert [] == stumbles(page)
        page.get_by_label("Name").focus()
        page.keyboard.type("ada")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        page.get_by_role("button", name="Sign out").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        assert [] == stumbles(page)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text(
            "That name and password do not fit together."
        )
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="ada")).to_be_visible()


def test_a_failed_delivery_is_two_clicks_away(page: Page, console: Console, rows: Rows) -> None:
    with console.seen_on(page) as url:
        page.goto(url)
        page.get_by_role("link", name="deliveries not understood").click()
        page.get_by_role("link", name=f"Inspect delivery {rows.aside}").click()
        expect(page.get_by_label("The body")).to_contain_text("not json")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.get_by_role("status")).to_contain_text("is dismissed")
        expect(page.get_by_text("Deliveries that could not be understood")).to_have_count(0)


def test_a_search_changes_the_list_alone(page: Page, console: Console, rows: Rows) -> None:
    """Without a new page; its address can be kept."""
    with console.seen_on(page) as url:
        page.goto(f"{url}/conversations")
        page.get_by_role("searchbox").fill("nobody")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No conversation fits.")).to_be_visible()
        page.get_by_role("searchbox").fill("parcel")
        page.keyboard.press("Enter")
        expect(page.get_by_role("row", name="Ada Lovelace")).to_be_visible()
        assert page.url.endswith("q=parcel&account=&state=")
        page.get_by_label("With").select_option("no ticket")
        expect(page.get_by_text("No conversation fits.")).to_be_visible()
        page.get_by_label("With").select_option("undelivered")
        page.get_by_role("rowheader").get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Conversation 1")
        said = page.get_by_role("listitem").filter(has_text="Ada Lovelace wrote")
        expect(said).to_contain_text("<script>alert(1)</script>")


def test_the_pages_work_without_a_script(browser: Any, console: Console, rows: Rows) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with console.seen_on(page) as url:
        page.goto(f"{url}/conversations")
        page.get_by_role("searchbox").fill("parcel")
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_role("row", name="Ada Lovelace")).to_be_visible()
        page.goto(f"{url}/waiting")
        page.get_by_role("button", name=f"Try again r{rows.failed}").click()
        expect(page.get_by_role("status")).to_have_text(f"Reply r{rows.failed} is tried again.")
    context.close()


def test_signed_out_in_the_middle_of_a_search(page: Page, console: Console, clock: Any) -> None:
    """Whoever comes back after lunch is led to the sign-in, not to half of a page."""
    with console.seen_on(page) as url:
        page.goto(f"{url}/conversations")
        clock.move(7200)
        page.get_by_role("searchbox").fill("parcel")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_skip_link_and_the_place_in_the_navigation(page: Page, console: Console) -> None:
    with console.seen_on(page) as url:
        page.goto(f"{url}/audit")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        here = page.get_by_role("navigation").locator("[aria-current=page]")
        expect(here).to_have_text("Audit")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nobody_stumbles(page: Page, console: Console, rows: Rows, colours: str) -> None:
    page.emulate_media(color_scheme=colours)
    with console.seen_on(page) as url:
        for path in PAGES:
            page.goto(f"{url}{path}")
            assert [] == stumbles(page), path


def test_nothing_sticks_out_on_a_telephone(phone: Page, console: Console, rows: Rows) -> None:
    with console.seen_on(phone) as url:
        for path in PAGES:
            phone.goto(f"{url}{path}")
            assert sticks_out(phone) <= 0, path
            assert phone.get_by_role("navigation").is_visible()
        assert [] == stumbles(phone)


def test_the_policy_refuses_what_does_not_belong(browser: Any, console: Console) -> None:
    """A style in the page's own HTML is not applied: the browser says why. (On every other test's
    page such a word of the browser fails the test.)"""
    page = browser.new_context().new_page()
    with console.seen_on(page) as url:
        page.goto(url)
        refused = page.evaluate(
            """() => new Promise(done => {
                 document.addEventListener('securitypolicyviolation',
                     event => done(event.violatedDirective));
                 const style = document.createElement('style');
                 style.textContent = 'body { color: red }';
                 document.head.append(style);
               })"""
        )
        assert "style-src-elem" == refused
    page.context.close()

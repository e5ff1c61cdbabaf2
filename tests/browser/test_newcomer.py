"""Somebody who has never seen the project: `make run`, and from there on nothing but pages."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import PATIENCE as USUAL
from browsing import stumbles
from playwright.sync_api import FrameLocator, Page, expect

pytestmark = pytest.mark.timeout(900)

PATIENCE = 120_000
"""Milliseconds that anything may take to be seen, on a machine that does other things as well."""
PASSWORD = "correct horse battery staple"
RULE = """rules:
  - name: Parcels
    when:
      {words}: [parcel]
    route:
      group: Press
"""


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[str]:
    """The address with which the demonstration ends its story."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from bridge.sandbox.demo import main; main()"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            found = re.search(r"Everything stays up\. Begin at (\S+)", line)
            if found:
                yield found[1]
                break
        else:
            pytest.fail("".join(said[-40:]))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.stdout.close()
        process.wait(60)


def test_a_newcomer_finds_the_way(page: Page, begin: str) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    try:
        _walk(page, begin)
    finally:
        expect.set_options(timeout=USUAL)


def _walk(page: Page, begin: str) -> None:
    page.goto(begin)
    desk = _leads_to(page, "An agent")
    console = _leads_to(page, "An admin")
    village = _leads_to(page, "with its own customers")
    answers = dict(
        zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts(), strict=True)
    )
    _signs_in(page)
    _finds_the_failed_delivery(page)
    _connects(page, console, answers)
    _answers_in_public(page, village, desk)
    _answers_privately(page, village, desk)
    _meets_the_guard(page, village, desk)
    _changes_a_rule(page, console, village, desk)


def _leads_to(page: Page, name: str) -> str:
    address = page.get_by_role("link", name=name).first.get_attribute("href")
    assert address is not None
    return address


def _signs_in(page: Page) -> None:
    page.get_by_role("button", name="Sign in to the console").click()
    page.get_by_label("Name").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Become an admin").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def _finds_the_failed_delivery(page: Page) -> None:
    """From the first page, with one click, what the network said."""
    page.get_by_role("link", name="replies not delivered").click()
    expect(page.get_by_text("This post does not accept replies").first).to_be_visible()
    assert [] == stumbles(page)


def _connects(page: Page, console: str, answers: dict[str, str]) -> None:
    page.goto(console)
    page.get_by_role("link", name="Accounts", exact=True).click()
    page.get_by_role("link", name="Connect an account").click()
    page.get_by_role("link", name="Mastodon").click()
    page.get_by_label("What should the account be called?").fill(answers["name"])
    page.get_by_label("url").fill(answers["url"])
    page.get_by_label("token").fill(answers["token"])
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("signed in as @bridge@village.example")).to_be_visible()
    page.get_by_role("button", name="Connect village").click()
    expect(page.get_by_text("village is connected")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="village")
    for _ in range(120):  # a worker takes it up by itself, and reads it once
        if "works" in row.inner_text():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(row).to_contain_text("works")


def _writes(page: Page, village: str, words: str) -> None:
    page.goto(village)
    page.get_by_label("Your words").fill(f"@bridge {words}")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text(words).first).to_be_visible()


def _opens_ticket(page: Page, desk: str, words: str) -> FrameLocator:
    """The agent's page of the ticket; what is returned is the panel beside it."""
    page.goto(desk)
    page.get_by_role("link", name=words).first.click()
    panel = page.frame_locator("iframe")
    expect(panel.get_by_text(words).first).to_be_visible()
    return panel


def _sends(page: Page, words: str) -> None:
    """What is sent stands on the ticket."""
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("article").filter(has_text=words).first).to_be_visible()


def _answers_in_public(page: Page, village: str, desk: str) -> None:
    _writes(page, village, "do you open on Mondays?")
    panel = _opens_ticket(page, desk, "do you open on Mondays?")
    page.get_by_label("Comment", exact=True).fill("Yes, from ten to four.")
    expect(panel.get_by_text(re.compile(r"\d+ of 500 characters"))).to_be_visible()
    expect(panel.get_by_text("Goes out in public")).to_be_visible()
    _sends(page, "Yes, from ten to four.")
    page.goto(village)
    expect(page.get_by_text("Yes, from ten to four.").first).to_be_visible()


def _answers_privately(page: Page, village: str, desk: str) -> None:
    """The customer reads it, everybody reads that there was an answer."""
    _writes(page, village, "I was charged twice!")
    panel = _opens_ticket(page, desk, "I was charged twice!")
    panel.get_by_label("Private message").check()
    page.get_by_label("Reply as").select_option("Private message")
    page.get_by_label("Comment", exact=True).fill("We have paid 20 euros back.")
    expect(panel.get_by_text("Goes out as a private message").first).to_be_visible()
    expect(panel.get_by_text("The public notice that follows")).to_be_visible()
    _sends(page, "We have paid 20 euros back.")
    page.goto(village)
    public = page.locator("#public, main").first
    expect(public.get_by_text("answered you in a private message").first).to_be_visible()
    expect(page.get_by_text("We have paid 20 euros back.").first).to_be_visible()


def _meets_the_guard(page: Page, village: str, desk: str) -> None:
    """Warned before sending, held after it, and sent privately by one click."""
    words = "who can I speak to?"
    _writes(page, village, words)
    panel = _opens_ticket(page, desk, words)
    page.get_by_label("Comment", exact=True).fill("Call us on +49 30 901820.")
    expect(panel.get_by_text("The guard will stop this reply")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Press send again")).to_be_visible()
    _sends(page, "Call us on +49 30 901820.")
    expect(page.get_by_text("has been held back").first).to_be_visible()
    panel.get_by_role("button", name="Send privately instead").click()
    expect(panel.locator("#said")).to_contain_text("Asked for")
    page.goto(village)
    expect(page.get_by_text("Call us on +49 30 901820.").first).to_be_visible()


def _changes_a_rule(page: Page, console: str, village: str, desk: str) -> None:
    """A mistake is told at once; then what would have changed is shown, and published."""
    _writes(page, village, "my parcel is lost")
    _opens_ticket(page, desk, "my parcel is lost")
    page.goto(console)
    page.get_by_role("link", name="Mapping", exact=True).click()
    page.get_by_role("link", name="Edit").click()
    text = page.locator("textarea").first
    live = text.input_value()
    text.fill(live.replace("rules:\n", RULE.format(words="wrods"), 1))
    expect(page.get_by_text('did you mean "words"?').first).to_be_visible()
    text.fill(live.replace("rules:\n", RULE.format(words="words"), 1))
    expect(page.get_by_text('did you mean "words"?')).to_have_count(0)
    page.get_by_role("button", name="See what it changes").click()
    table = page.get_by_role("table").first
    expect(table).to_contain_text("Press")
    expect(table).to_contain_text("Social")
    page.get_by_label("Why?").fill("Parcels are for Press")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Parcels are for Press").first).to_be_visible()
    for number in range(60):  # running processes look every two seconds, and are busy besides
        words = f"another parcel is lost, my number {number}"
        _writes(page, village, words)
        page.goto(desk)
        row = page.get_by_role("row").filter(has_text=words)
        expect(row).to_be_visible()
        if "Press" in row.inner_text():
            break
    expect(row).to_contain_text("Press")

"""The page to try the history API, and the console's page of tokens, as people see them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from api_stage import make_token, say
from browsing import sticks_out, stumbles
from playwright.sync_api import Page, expect
from plugins_console import Console

from bridge.ledger import api_tokens, deeds
from bridge.ledger.api_tokens import Scope
from bridge.model import Person

ADA = Person("mastodon", "1", "ada@example.social", "Ada Lovelace")


def test_a_token_is_made_shown_once_and_revoked(page: Page, console: Console) -> None:
    """With what it is good for; its end is a deed, by name."""
    with console.seen_on(page) as url:
        page.goto(f"{url}/")
        page.get_by_role("link", name="Tokens").click()
        expect(page.get_by_text("There is none yet.")).to_be_visible()
        page.get_by_role("textbox", name="Name").fill("The warehouse")
        page.get_by_label("Interactions").uncheck()
        page.get_by_label("For how many days?").fill("90")
        page.get_by_role("button", name="Make it").click()
        secret = page.get_by_label("Token").input_value()
        assert re.fullmatch(r"hb_[\w-]{43}", secret)
        assert [] == stumbles(page)
        page.get_by_role("link", name="To the tokens").click()
        expect(page.get_by_role("row", name="The warehouse")).to_contain_text("customers:read")
        assert secret not in page.content()
        with console.bridge.ledger.reading() as tx:
            token = api_tokens.find(tx, api_tokens.digest(secret))
        assert token is not None
        assert (frozenset(Scope) - {Scope.MERGE, Scope.INTERACTIONS}, "ada") == (
            token.scopes,
            token.made_by,
        )
        page.get_by_role("button", name="Revoke The warehouse").click()
        expect(page.get_by_role("status")).to_contain_text("The warehouse is revoked")
        expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
    with console.bridge.ledger.reading() as tx:
        assert ["revoked a token", "made a token"] == [each.what for each in deeds.latest(tx, 2)]


def test_what_is_no_token_is_said_at_its_field(phone: Page, console: Console) -> None:
    """What was typed stays; on a telephone nothing sticks out."""
    make_token(console.bridge.ledger, name="dlt")
    with console.seen_on(phone) as url:
        phone.goto(f"{url}/tokens")
        phone.get_by_role("textbox", name="Name").fill("dlt")
        phone.get_by_label("Merges: by what").uncheck()
        phone.get_by_role("button", name="Make it").click()
        expect(phone.get_by_role("alert")).to_contain_text("is good already")
        expect(phone.get_by_role("textbox", name="Name")).to_have_value("dlt")
        expect(phone.get_by_label("Merges: by what")).not_to_be_checked()
        assert [] == stumbles(phone)
        assert sticks_out(phone) <= 0
        for box in phone.get_by_role("checkbox").all():
            box.uncheck()
        phone.get_by_role("textbox", name="Name").fill("another")
        phone.get_by_role("button", name="Make it").click()
        expect(phone.get_by_role("alert")).to_contain_text("At least one thing")
        assert [] == stumbles(phone)


@pytest.mark.parametrize(("field", "value"), [("days", "-1"), ("days", "soon"), ("scope", "all")])
def test_a_form_that_was_bent_is_refused(console: Console, field: str, value: str) -> None:
    given: dict[str, Any] = {"name": "dlt", "scope": "customers:read", field: value}
    assert 422 == console.post("/tokens", **given).status_code
    assert 404 == console.post("/tokens/7/revoke").status_code
    with console.bridge.ledger.reading() as tx:
        assert () == api_tokens.everything(tx)


def test_the_api_is_tried_with_a_pasted_token(page: Page, console: Console) -> None:
    """Within its strict policy: a single refused script, style or picture is an error here."""
    say(console.bridge.ledger, "110", ADA, ticket="35")
    token = make_token(console.bridge.ledger)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with console.served() as url:
        answer = page.goto(f"{url}/api/v1/docs")
        assert answer is not None
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        page.get_by_role("button", name="Authorize").first.click()
        page.get_by_label("auth-bearer-value").fill(token)
        page.get_by_role("button", name="Apply credentials").click()
        page.get_by_role("button", name="Close").click()
        here = page.locator("#operations-interactions-list_tickets_interactions")
        here.get_by_role("button").first.click()
        here.get_by_placeholder("id", exact=True).fill("35")
        here.get_by_role("button", name="Execute").click()
        answered = here.locator(".live-responses-table")
        expect(answered).to_contain_text("Where is my parcel?")
        assert {url} == {each.split("/api/")[0] for each in asked if not each.startswith("data:")}
        assert sticks_out(page) <= 0


def test_the_api_page_fits_a_telephone(phone: Page, console: Console) -> None:
    with console.served() as url:
        phone.goto(f"{url}/api/v1/docs")
        expect(phone.get_by_text("/api/v1/changes").first).to_be_visible()
        assert sticks_out(phone) <= 0

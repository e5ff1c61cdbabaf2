"""Getting into the console, and staying out of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from plugins_console import Console
from sqlalchemy.exc import OperationalError

from bridge.ledger import admins, deeds, invitations
from bridge.web import create_app
from bridge.web.console import passwords

PASSWORD = "four words in a row"


def link(console: Console, whom: str = "") -> str:
    token = "t" * 43
    with console.bridge.ledger.writing() as tx:
        invitations.make(tx, token, made_by="the command line", whom=whom)
    return f"/welcome/{token}"


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def try_in(console: Console, name: str, password: str, **more: str):
    token = csrf(console.get("/sign-in").text)
    data = {"csrf": token, "name": name, "password": password, **more}
    return console.client.post("/console/sign-in", data=data)


@pytest.fixture
def outside(make_console) -> Console:
    """Nobody is signed in; ada could, with PASSWORD."""
    console = make_console()
    with console.bridge.ledger.writing() as tx:
        admins.add(tx, "ada", password=passwords.seal(PASSWORD))
    return console


def done(console: Console) -> list[tuple[str, str]]:
    with console.bridge.ledger.reading() as tx:
        return [(each.admin, each.what) for each in reversed(deeds.latest(tx, 50))]


def test_every_page_leads_to_the_sign_in(outside):
    """And back to where one was going."""
    answer = outside.get("/conversations?q=parcel")
    assert (303, "/console/sign-in?next=/console/conversations%3Fq%3Dparcel") == (
        answer.status_code,
        answer.location,
    )


def test_a_password_lets_in_and_is_put_down(outside):
    answer = try_in(outside, " ADA ", PASSWORD, next="/console/waiting")
    assert (303, "/console/waiting") == (answer.status_code, answer.location)
    assert 200 == outside.get("/").status_code
    assert [("ada", "signed in")] == done(outside)
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if "console" in each)
    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie) == (True, True)


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong" * 4), ("bob", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_stays_out(outside, name, password):
    answer = try_in(outside, name, password)
    assert 401 == answer.status_code
    assert "do not fit together" in answer.text
    assert 303 == outside.get("/").status_code


def test_an_unknown_name_is_not_kept(outside):
    """It may be a password in the wrong field."""
    try_in(outside, "my-secret-password", "x")
    try_in(outside, "ada", "x")
    assert [("", "sign-in failed"), ("ada", "sign-in failed")] == done(outside)


def test_without_any_admin_the_page_says_how_to_begin(make_console):
    """And lets nobody in."""
    console = make_console()
    page = console.get("/sign-in").text
    assert "bridge console link" in page
    assert 'name="password"' not in page
    data = {"name": "admin", "password": "admin"}
    assert 403 == console.client.post("/console/sign-in", data=data).status_code


def test_a_link_makes_one_admin_once(make_console):
    console = make_console()
    path = link(console)
    form = {"csrf": csrf(console.get(path).text), "name": "Ada", "password": PASSWORD}
    answer = console.client.post(f"/console{path}", data={**form, "again": PASSWORD})
    assert (303, "/console/") == (answer.status_code, answer.location)
    assert "ada" in console.get("/").text
    assert 404 == console.get(path).status_code
    assert [("ada", "became an admin"), ("ada", "signed in")] == done(console)


def test_a_link_ends_after_an_hour(make_console, clock):
    console = make_console()
    path = link(console)
    clock.move(3599)
    assert 200 == console.get(path).status_code
    clock.move(1)
    assert 404 == console.get(path).status_code


@pytest.mark.parametrize(
    ("name", "password", "again", "says"),
    [
        ("bob", "short", "short", "at least 12"),
        ("bob", "b" * 12, "b" * 12, "guessed"),
        ("bob.the.builder", "Bob.The.Builder", "Bob.The.Builder", "guessed"),
        ("bob", PASSWORD, "something else", "not the same"),
        ("b<b", PASSWORD, PASSWORD, "letters"),
        ("ada", PASSWORD, PASSWORD, "taken"),
    ],
)
def test_what_is_no_good_is_said_and_the_link_stays(outside, name, password, again, says):
    path = link(outside)
    token = csrf(outside.get(path).text)
    form = {"csrf": token, "name": name, "password": password, "again": again}
    answer = outside.client.post(f"/console{path}", data=form)
    assert 422 == answer.status_code
    assert says in answer.text
    assert 200 == outside.get(path).status_code


def test_a_link_for_an_admin_changes_their_password_and_nobody_elses(outside):
    """Whatever name is sent along; sessions from before end."""
    before = outside.app.test_client()
    assert 303 == try_in(outside, "ada", PASSWORD).status_code
    before, outside.client = outside.client, before
    path = link(outside, whom="ada")
    new = "five other words in a row"
    token = csrf(outside.get(path).text)
    form = {"csrf": token, "name": "mallory", "password": new, "again": new}
    assert 303 == outside.client.post(f"/console{path}", data=form).status_code
    assert 303 == before.get("/console/").status_code
    with outside.bridge.ledger.reading() as tx:
        assert ["ada"] == [each.name for each in admins.everyone(tx)]


def test_wrong_tries_cost_time(outside, clock):
    """Five are free; then one waits, told until when, even with the right password; and longer
    each time. Another process counts the same tries."""
    for _ in range(5):
        assert 401 == try_in(outside, "ada", "wrong").status_code
    answer = try_in(outside, "ada", PASSWORD)
    assert (429, "15") == (answer.status_code, answer.headers["Retry-After"])
    assert "Try again at 12:00:15 UTC (in 15 seconds)" in answer.text
    clock.move(15)
    assert 401 == try_in(outside, "ada", "wrong").status_code
    clock.move(15)
    other = Console(outside.bridge, create_app(outside.bridge))
    assert "15" == try_in(other, "ada", PASSWORD).headers["Retry-After"]
    clock.move(15)
    assert 303 == try_in(other, "ada", PASSWORD).status_code
    assert 401 == try_in(Console(outside.bridge, outside.app), "ada", "wrong").status_code


def test_many_names_from_one_address_cost_time(outside):
    """Whoever tries every name is one caller."""
    tries = [try_in(outside, f"name-{each}", "wrong").status_code for each in range(21)]
    assert [401] * 20 + [429] == tries


def test_who_gets_in_uses_up_nothing(outside):
    """Everybody in an office comes from one address."""
    for _ in range(30):
        assert 303 == try_in(Console(outside.bridge, outside.app), "ada", PASSWORD).status_code


def test_a_network_is_one_caller(make_console):
    """Whoever has one IPv6 address has a whole network of them, at least a /64."""
    console = make_console(proxies=1)
    with console.bridge.ledger.writing() as tx:
        admins.add(tx, "ada")
    data = {"csrf": csrf(console.get("/sign-in").text), "password": "wrong"}

    def one(number: int, network: str = "2001:db8:0:1") -> int:
        form = {**data, "name": f"name-{network}-{number}"}
        headers = {"X-Forwarded-For": f"{network}::{number:x}"}
        return console.client.post("/console/sign-in", data=form, headers=headers).status_code

    assert [401] * 20 + [429] == [one(number) for number in range(21)]
    assert 401 == one(1, "2001:db8:0:2")


def test_guessed_links_cost_time(outside):
    tries = [outside.get(f"/welcome/guess-{each}").status_code for each in range(11)]
    assert [404] * 10 + [429] == tries


def test_a_proxy_says_who_calls(make_console):
    """With one proxy of ours the last address counts; what a caller writes before it does not."""
    console = make_console(proxies=1)
    with console.bridge.ledger.writing() as tx:
        admins.add(tx, "ada", password=passwords.seal(PASSWORD))

    def tried(forwarded: str) -> int:
        token = csrf(console.get("/sign-in").text)
        data = {"csrf": token, "name": forwarded, "password": "x"}
        headers = {"X-Forwarded-For": forwarded}
        return console.client.post("/console/sign-in", data=data, headers=headers).status_code

    assert {401} == {tried(f"10.0.0.{each}, 192.0.2.1") for each in range(20)}
    assert 429 == tried("10.9.9.9, 192.0.2.1")
    assert 401 == tried("192.0.2.1, 192.0.2.2")


def test_sessions_end_idle_and_altogether(console, clock):
    """After two hours without a page, and after twelve in any case."""
    for _ in range(11):
        clock.move(3599)
        assert 200 == console.get("/").status_code
    clock.move(3600 * 12 - 11 * 3599)
    assert 303 == console.get("/").status_code
    console.sign_in()
    clock.move(7201)
    assert 303 == console.get("/").status_code


def test_signing_out_ends_the_session(console):
    """Not only the cookie."""
    cookie = console.client.get_cookie("bridge_console").value
    assert 303 == console.post("/sign-out").status_code
    console.client.set_cookie("bridge_console", cookie)
    assert 303 == console.get("/").status_code


def test_a_token_from_before_the_sign_in_is_worth_nothing(outside):
    """Who planted a cookie is not signed in with it."""
    outside.client.set_cookie("bridge_console", "p" * 43)
    answer = try_in(outside, "ada", PASSWORD)
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("bridge_console")]
    assert "p" * 43 not in cookie
    stranger = outside.app.test_client()
    stranger.set_cookie("bridge_console", "p" * 43)
    assert 303 == stranger.get("/console/").status_code


def test_the_ledger_holds_no_token_and_no_password(outside):
    """Not in any column."""
    try_in(outside, "ada", PASSWORD)
    token = outside.client.get_cookie("bridge_console").value
    link(outside)
    ledger = outside.bridge.ledger
    ledger.close()
    kept = b"".join(path.read_bytes() for path in _files(ledger.url))
    assert b"ada" in kept
    assert [False] * 3 == [each.encode() in kept for each in (token, PASSWORD, "t" * 43)]


def _files(url: str) -> list[Path]:
    base = Path(url.removeprefix("sqlite:///"))
    return list(base.parent.glob(f"{base.name}*"))


# ------------------------------------------------------------------ requests of others


@pytest.mark.parametrize("path", ["/sign-out", "/admins/link", "/me/password", "/admins/ada/end"])
def test_no_change_without_the_sessions_own_token(console, make_console, path):
    """None, a made-up one, somebody else's: 403."""
    bob = Console(console.bridge, console.app)
    bob.sign_in("bob")
    for token in ("", "0" * 64, bob.csrf()):
        answer = console.client.post(f"/console{path}", data={"csrf": token})
        assert 403 == answer.status_code
    assert 200 == console.get("/").status_code


def test_another_websites_form_is_refused(console):
    """Even with the right token; the header of htmx is as good as the field."""
    token = console.csrf()
    data = {"csrf": token}
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        headers = {"Origin": origin}
        answer = console.client.post("/console/admins/link", data=data, headers=headers)
        assert 403 == answer.status_code
    strange = {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"}
    assert 403 == console.client.post("/console/admins/link", headers=strange).status_code
    ours = {"X-CSRF-Token": token, "Origin": "http://localhost"}
    assert 200 == console.client.post("/console/admins/link", headers=ours).status_code


def test_the_sign_in_form_cannot_be_sent_by_others(outside):
    """Nobody is signed in as somebody else without noticing."""
    data = {"name": "ada", "password": PASSWORD}
    assert 403 == outside.client.post("/console/sign-in", data=data).status_code


@pytest.mark.parametrize(
    "way",
    ["https://evil.example/", "//evil.example", "/console//evil", "/console/\\evil", "/hooks"],
)
def test_the_sign_in_leads_only_into_the_console(outside, way):
    assert "/console/" == try_in(outside, "ada", PASSWORD, next=way).location


def test_headers_of_a_page(console):
    """A strict policy, nothing kept by caches; static files are kept."""
    page = console.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert ("no-store", "DENY") == tuple(
        page.headers[name] for name in ("Cache-Control", "X-Frame-Options")
    )
    [css] = re.findall(r'href="([^"]+console\.css[^"]*)"', page.text)
    with console.client.get(css) as kept:
        assert (200, "max-age=31536000") == (kept.status_code, kept.headers["Cache-Control"][-16:])


def test_no_page_has_inline_script_or_style(console):
    """The policy would refuse them."""
    for path in ("/", "/admins", "/me", "/audit", "/conversations", "/waiting", "/nowhere"):
        page = console.get(path).text
        assert [] == re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?! src)", page)


def test_cookies_where_we_are_reached_by_https(make_console):
    """Secure, and with the prefix that no other host of the domain can set."""
    console = make_console(public_url="https://bridge.example")
    console.sign_in()
    assert 200 == console.get("/").status_code
    answer = console.post("/sign-out")
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "console" in each]
    assert cookie.startswith("__Host-bridge_console=;")
    assert "Secure" in cookie


def test_errors_inside_are_pages_and_outside_json(console):
    for path in ("/nowhere", "/conversations/999999", "/sign-out"):
        answer = console.get(path)
        assert (404, True) == (answer.status_code, "<!doctype html>" in answer.text)
    assert "application/json" == console.client.get("/nowhere").content_type


def test_a_dead_database_is_a_page(console, monkeypatch):
    def refuses(*_args, **_more):
        raise OperationalError("connect", None, OSError("connection refused"))

    monkeypatch.setattr(console.bridge.ledger.engine, "connect", refuses)
    answer = console.get("/")
    assert (503, True) == (answer.status_code, "database does not answer" in answer.text)


# ------------------------------------------------------------------ admins, and what they did


def test_an_admin_invites_ends_and_restores(console):
    """Each is put down; whoever is ended is out at once."""
    bob = Console(console.bridge, console.app)
    bob.sign_in("bob")
    assert "/console/welcome/" in console.post("/admins/link").text
    assert 303 == console.post("/admins/bob/end").status_code
    assert 303 == bob.get("/").status_code
    assert 303 == console.post("/admins/bob/restore").status_code
    assert "may sign in again" in console.get("/admins").text
    expected = ["made a link", "ended an admin", "restored an admin"]
    assert [("ada", each) for each in expected] == done(console)


def test_links_of_one_who_is_ended_are_void(console):
    """They may have made one for their own return."""
    bob = Console(console.bridge, console.app)
    bob.sign_in("bob")
    made = re.search(r"/console(/welcome/[A-Za-z0-9_-]{43})", bob.post("/admins/link").text)
    assert made
    assert 200 == console.get(made[1]).status_code
    console.post("/admins/bob/end")
    assert 404 == console.get(made[1]).status_code


def test_nobody_ends_themselves(console):
    console.post("/admins/ada/end")
    assert "ask another admin" in console.get("/").text


def test_the_own_password_needs_the_old_one(outside):
    try_in(outside, "ada", PASSWORD)
    new = "some new words in a row"
    wrong = outside.post("/me/password", old="guess", password=new, again=new)
    assert (422, True) == (wrong.status_code, "not your password" in wrong.text)
    right = outside.post("/me/password", old=PASSWORD, password=new, again=new)
    assert 303 == right.status_code
    assert "is changed" in outside.get("/").text
    assert 401 == try_in(Console(outside.bridge, outside.app), "ada", PASSWORD).status_code


def test_the_audit_is_filtered_paged_and_a_file(console, clock):
    with console.bridge.ledger.writing() as tx:
        for each in range(60):
            deeds.add(tx, "bob", "tidied", str(each))
        deeds.add(tx, "ada", "=HYPERLINK(1)")
    page = console.get("/audit?admin=bob").text
    assert ("HYPERLINK(1)</td>" in page, page.count('<td data-label="What">tidied')) == (False, 50)
    [older] = re.findall(r'href="([^"]+)" rel="next"', page)
    assert 10 == console.client.get(older.replace("&amp;", "&")).text.count(">tidied</td>")
    assert "Nothing that fits" in console.get("/audit?since=2026-11-22").text
    assert ">tidied</td>" in console.get("/audit?since=2026-11-21&until=2026-11-21").text
    file = console.get("/audit.csv?admin=bob").text
    assert 61 == len(file.splitlines())
    assert "'=HYPERLINK(1)" in console.get("/audit.csv").text


BIG = 10**30


@pytest.mark.parametrize(
    "path",
    [
        f"/audit?before={BIG}",
        "/audit?admin=%00&what=%00",
        f"/mapping/history?before={BIG}",
        f"/mapping/revisions/{BIG}",
        f"/mapping/compare?from={BIG}&to=1",
        "/admins/%00/x",
    ],
)
def test_nonsense_in_an_address_is_no_defect(console, path):
    assert console.get(path).status_code in (200, 404)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/mapping/edit", {"base": str(BIG), "name": "mapping.yaml", "text": "rules: []"}),
        ("/mapping/rebase", {"seen": str(BIG)}),
        (f"/mapping/revisions/{BIG}/back", {"seen": "1"}),
        ("/admins/link", {"whom": "\0"}),
    ],
)
def test_nonsense_in_a_form_is_no_defect(console, path, fields):
    assert console.post(path, **fields).status_code in (303, 404)

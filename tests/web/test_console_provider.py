"""Signing in at an OpenID provider that runs over HTTP, and every lie that it might tell."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from oidc_provider import CLIENT, SECRET, OidcProvider
from plugins_console import Console

from bridge.ledger import admins, deeds
from bridge.sandbox.server import serve
from bridge.settings import OidcSettings, Secret


@pytest.fixture(scope="module")
def key():
    return RSAKey.generate_key(2048, {"kid": "k1"})


@pytest.fixture
def provider(clock, key):
    provider = OidcProvider(clock, key=key)
    with serve(provider.app()) as running:
        provider.url = running.url
        yield provider


@pytest.fixture
def console(make_console, provider):
    allowed = frozenset({"ada@example.org", "@brand.example"})
    oidc = OidcSettings(provider.url, CLIENT, Secret(SECRET), allowed)
    return make_console(public_url="https://bridge.example", oidc=oidc)


def begin(console):
    """To the provider, which sends the browser back: where to."""
    away = console.get("/provider")
    assert 303 == away.status_code
    back = requests.get(away.location, allow_redirects=False, timeout=30).headers["Location"]
    parts = urlsplit(back)
    assert "bridge.example/console/provider/back" == parts.netloc + parts.path
    return f"/provider/back?{parts.query}"


def sign_in(console):
    return console.get(begin(console))


def deeds_of(console):
    with console.bridge.ledger.reading() as tx:
        return [(each.admin, each.what, each.detail) for each in reversed(deeds.latest(tx, 9))]


def test_who_is_allowed_gets_in_and_is_the_same_next_time(console, provider):
    """By the subject, whatever the address is by then."""
    answer = sign_in(console)
    assert (303, "/console/") == (answer.status_code, answer.location)
    assert "ada@example.org" in console.get("/").text
    other = Console(console.bridge, console.app)
    provider.email = "ada.king@brand.example"
    assert 303 == sign_in(other).status_code
    with console.bridge.ledger.reading() as tx:
        [admin] = admins.everyone(tx)
    assert (provider.subject, "") == (admin.subject, admin.password)


def test_the_sign_in_page_offers_it(console, provider):
    """Also before there is any admin; a password is not asked for then."""
    page = console.get("/sign-in").text
    assert 'href="/console/provider"' in page
    assert 'name="password"' not in page


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"email_verified": False},
        {"email_verified": "yes"},
        {"email": "ada@example.org@evil.example"},
        {"email": ["ada@example.org"]},
        {"email": "ada@evil.example"},
        {"email": "ada@sub.brand.example"},
        {"email": "brand.example"},
        {"sub": ""},
    ],
)
def test_a_wrong_claim_lets_nobody_in(console, provider, claims):
    provider.claims = claims
    answer = sign_in(console)
    assert 401 == answer.status_code
    assert 303 == console.get("/").status_code
    assert [("", "sign-in failed")] == [each[:2] for each in deeds_of(console)]
    with console.bridge.ledger.reading() as tx:
        assert () == admins.everyone(tx)


@pytest.mark.parametrize("name", ["nonce", "aud", "iss", "exp", "iat", "sub", "email_verified"])
def test_a_missing_claim_lets_nobody_in(console, provider, name):
    provider.left_out = (name,)
    assert 401 == sign_in(console).status_code


@pytest.mark.parametrize("forged", ["other key", "shared secret", "unsigned", "nonsense"])
def test_a_forged_token_lets_nobody_in(console, provider, forged):
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    provider.sign = {
        "other key": lambda claims: provider.signed(claims, other),
        "shared secret": provider.with_shared_secret,
        "unsigned": provider.unsigned,
        "nonsense": lambda _claims: "not.a.token",
    }[forged]
    assert 401 == sign_in(console).status_code


def test_an_address_may_stand_in_the_userinfo(console, provider):
    """Of the same subject, and no other."""
    provider.left_out = ("email", "email_verified")
    told = {"email": "ada@example.org", "email_verified": True}
    provider.userinfo = {**told, "sub": "somebody else"}
    assert 401 == sign_in(console).status_code
    provider.userinfo = {**told, "sub": provider.subject}
    assert 303 == sign_in(console).status_code


def test_an_address_is_verified_where_it_stands(console, provider):
    """What the id token says without an address is not about the one in the userinfo."""
    provider.left_out = ("email",)
    told = {"email": "ada@example.org", "sub": provider.subject}
    for verified in ({"email_verified": False}, {}):
        provider.userinfo = {**told, **verified}
        assert 401 == sign_in(console).status_code
    provider.userinfo = {**told, "email_verified": True}
    assert 303 == sign_in(console).status_code


def test_an_answer_that_was_not_asked_for_here_is_refused(console, provider):
    """Another browser's, a changed one, one without the cookie, one that came before."""
    back = begin(console)
    stranger = Console(console.bridge, console.app)
    assert 401 == stranger.get(back).status_code
    changed = back.replace("state=", "state=x")
    assert 401 == console.get(changed).status_code
    assert 303 == console.get(back).status_code
    assert 401 == console.get(back).status_code


def test_a_code_of_another_sign_in_is_refused(console, provider):
    """PKCE: the code belongs to the cookie by which it was asked for."""
    other = Console(console.bridge, console.app)
    [code] = parse_qs(urlsplit(begin(other)).query)["code"]
    [state] = parse_qs(urlsplit(begin(console)).query)["state"]
    assert 401 == console.get(f"/provider/back?code={code}&state={state}").status_code
    assert "code refused: invalid_grant" == deeds_of(console)[-1][2]


def test_a_provider_that_refuses_or_is_another(console, provider):
    begin(console)
    state = provider.asked[-1]["state"]
    refused = console.get(f"/provider/back?error=access_denied&state={state}")
    assert (401, True) == (refused.status_code, "did not sign you in" in refused.text)
    provider.says_issuer = "https://evil.example"
    assert 503 == console.get("/provider").status_code


def test_a_provider_that_is_away_is_said(make_console):
    oidc = OidcSettings("http://127.0.0.1:9", CLIENT, Secret(SECRET), frozenset({"@a.example"}))
    answer = make_console(oidc=oidc).get("/provider")
    assert (503, True) == (answer.status_code, "cannot be reached" in answer.text)


def test_who_was_ended_or_left_the_list_stays_out(console, provider, make_console):
    sign_in(console)
    with console.bridge.ledger.writing() as tx:
        admins.end(tx, "ada@example.org")
    assert 401 == sign_in(console).status_code
    with console.bridge.ledger.writing() as tx:
        admins.restore(tx, "ada@example.org")
    oidc = OidcSettings(provider.url, CLIENT, Secret(SECRET), frozenset({"bob@example.org"}))
    later = make_console(public_url="https://bridge.example", oidc=oidc)
    assert 401 == sign_in(later).status_code


def test_a_name_that_somebody_chose_is_not_joined(console, provider):
    """Whoever called themselves by another's address gets nothing of it."""
    with console.bridge.ledger.writing() as tx:
        admins.add(tx, "ada@example.org", password="x")
    answer = sign_in(console)
    assert (401, True) == (answer.status_code, "already" in answer.text)


def test_begun_too_often(console, provider):
    for _ in range(20):
        assert 303 == console.get("/provider").status_code
    assert 429 == console.get("/provider").status_code


def test_answers_that_nobody_asked_for_cost_time(console, provider):
    """And no stranger fills the audit with them."""
    ways = [console.get(f"/provider/back?state={number}").status_code for number in range(40)]
    assert [401] * 20 + [429] * 20 == ways
    with console.bridge.ledger.reading() as tx:
        assert 20 == len(deeds.latest(tx, 50))


def test_without_a_provider_there_is_no_such_page(make_console):
    console = make_console()
    assert 404 == console.get("/provider").status_code
    assert 404 == console.get("/provider/back?state=x").status_code


def test_nothing_secret_travels_by_the_browser(console, provider):
    """Neither the client's secret nor the code's verifier."""
    away = console.get("/provider").location
    asked = parse_qs(urlsplit(away).query)
    assert SECRET not in away
    assert {"S256"} == set(asked["code_challenge_method"])
    assert {"openid email profile"} == set(asked["scope"])

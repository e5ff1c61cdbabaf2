"""`bridge renew`: sealed secrets are replaced by others, if those work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from connecting_stage import Stage, open_stage
from cryptography.fernet import Fernet


@pytest.fixture
def stage(bridge: Any, home: Any, environ: dict[str, str], store: Any) -> Iterator[Stage]:
    """With an account that is connected."""
    environ["BRIDGE_SECRET_KEY"] = Fernet.generate_key().decode()
    with open_stage(home, environ) as opened:
        done = bridge(*opened.line(), **opened.typed())
        assert done.exit_code == 0, done.output
        yield opened


def token_of(stage: Stage) -> str:
    token: str = stage.restart().mapping.accounts["acme"].options["access_token"].reveal()
    return token


def test_a_token_is_replaced(bridge: Any, stage: Stage) -> None:
    """The rest stays; the mapping is not touched, and nothing is shown."""
    fresh, before, mapping = stage.town.token_for(stage.page), token_of(stage), stage.mapping
    done = bridge("renew", "acme", "--yes", "--secret=access_token=NEW", NEW=fresh)
    assert done.exit_code == 0, done.output
    assert (token_of(stage), stage.mapping) == (fresh, mapping)
    assert before != fresh
    assert fresh not in done.output
    assert fresh.encode() not in stage.dump()


def test_a_dead_one_changes_nothing(bridge: Any, stage: Stage) -> None:
    before, rows = token_of(stage), stage.rows()
    line = ("renew", "acme", "--yes", "--save-anyway", "--secret=access_token=NEW")
    done = bridge(*line, NEW="EAAdead")
    assert done.exit_code == 1
    assert "nothing was changed" in done.output
    assert (token_of(stage), stage.rows()) == (before, rows)


def test_missing_rights_are_for_the_admin_to_judge(bridge: Any, stage: Stage) -> None:
    poor = stage.town.token_for(stage.page, "pages_manage_metadata")
    line = ("renew", "acme", "--yes", "--secret=access_token=NEW")
    assert bridge(*line, NEW=poor).exit_code == 1
    assert token_of(stage) != poor
    assert bridge(*line, "--save-anyway", NEW=poor).exit_code == 0
    assert token_of(stage) == poor


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("acne", "--secret=access_token=NEW"), 'did you mean "acme"'),
        (("acme",), "nothing to replace"),
        (("acme", "--secret=app_id=NEW"), "app_id"),
        (("acme", "--secret=access_token=GONE"), "GONE is not set"),
        (("acme", "--secret=access_token=SPACED"), "no token has"),
        (("shop", "--secret=secret=NEW"), "SITE_SECRET stands in the environment"),
    ],
)
def test_wrong_use(bridge: Any, stage: Stage, line: tuple[str, ...], said: str) -> None:
    before = token_of(stage)
    done = bridge("renew", "--yes", *line, NEW="EAAnew", SPACED="two words")
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert token_of(stage) == before

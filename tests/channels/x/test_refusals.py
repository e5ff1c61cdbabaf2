"""X's words when it says no, and what they weigh before they are said."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from contract import SPECS, spec_file

from bridge.channels.contract import Length, Unit
from bridge.channels.x import errors
from bridge.errors import Gone, NeedsSignIn, PersonMustAct, TooLong
from bridge.sandbox.x import checks
from bridge.text.weigh import weigh
from bridge.text.words import CODES

PROBLEMS = "https://api.x.com/2/problems/"


def problem(detail: str, kind: str = "about:blank", title: str = "Forbidden") -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": kind, "status": 403}


@pytest.mark.parametrize(
    ("status", "said", "kind", "code"),
    [
        (403, problem(checks.DUPLICATE), errors.Duplicate, "said_before"),
        (403, problem(checks.NOT_SUMMONED), errors.No, "not_summoned"),
        (
            403,
            problem(
                "You can only reply to or quote posts where you are mentioned or are the author."
            ),
            errors.No,
            "not_summoned",
        ),
        (403, problem(checks.GONE), Gone, "gone"),
        (400, problem(checks.GONE, title="Invalid Request"), Gone, "gone"),
        (
            403,
            problem("The original Tweet author restricted who can reply to this Tweet."),
            errors.No,
            "no_public_way",
        ),
        (403, problem(checks.NO_MESSAGES), errors.No, "no_private_way"),
        (
            403,
            {"errors": [{"code": 349, "message": "You cannot send messages to this user."}]},
            errors.No,
            "no_private_way",
        ),
        (
            403,
            {"detail": "You cannot send messages to users who are not following you."},
            errors.No,
            "no_private_way",
        ),
        (400, {"errors": [{"message": checks.TOO_LONG}]}, TooLong, "too_long"),
        (
            402,
            problem("Your enrolled account does not have any credits.", title="CreditsDepleted"),
            errors.Stopped,
            "out_of_credit",
        ),
        (402, {}, errors.Stopped, "out_of_credit"),
        (429, problem("x", PROBLEMS + "usage-capped"), errors.Stopped, "out_of_credit"),
        (403, problem("x", PROBLEMS + "client-forbidden"), errors.Stopped, "needs_permission"),
        (403, {"reason": "client-not-enrolled"}, errors.Stopped, "needs_permission"),
        (
            403,
            problem(
                "Your client app is not configured with the appropriate oauth1 app permissions"
            ),
            errors.Stopped,
            "needs_permission",
        ),
        (
            403,
            problem("Your account is suspended and is not permitted to access this feature."),
            errors.Stopped,
            "blocked_by_policy",
        ),
        (
            403,
            problem("To protect our users from spam, this account is temporarily locked."),
            errors.Stopped,
            "blocked_by_policy",
        ),
    ],
)
def test_words_are_told_apart(
    status: int, said: dict[str, Any], kind: type[Any], code: str
) -> None:
    """Each with a sentence for the agent, and X's own words in it."""
    found = errors.refusal(status, said)
    assert type(found) is kind
    assert isinstance(found, PersonMustAct)
    assert found.code == code
    assert code in CODES
    assert found.because == errors.told(said)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, problem(checks.NOT_PERMITTED)),
        (403, problem("Posts are limited to a maximum of 1 cashtag.")),
        (400, problem("Your media IDs are invalid.")),
        (429, problem("Too Many Requests", title="Too Many Requests")),
        (401, problem("Unauthorized")),
        (404, problem(checks.DUPLICATE)),
        (403, None),
        (403, []),
        (403, {"title": 7, "errors": "x"}),
    ],
)
def test_other_words_leave_it_to_the_status(status: int, said: Any) -> None:
    assert errors.refusal(status, said) is None


def test_every_row_names_a_kind_for_a_person() -> None:
    """What happens by itself is decided by status and headers, never by words."""
    for row in errors.TABLE:
        made = row.kind("because")
        assert isinstance(made, PersonMustAct)
        assert made.code in CODES
        assert not isinstance(made, NeedsSignIn) or made.code != "needs_sign_in"


# ------------------------------------------------------------------ weights


OF_AN_OLDER_ALGORITHM = (
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
)
"""They hold for version 2 of the rules, which weighed each part of an emoji."""


def weights() -> list[Any]:
    """X's own examples: https://github.com/twitter/twitter-text/tree/master/conformance"""
    path = SPECS / "twitter_text" / "validate.yml"
    if not path.exists():
        return []
    tests = yaml.safe_load(path.read_text("utf-8"))["tests"]
    older = [
        one
        for one in tests["WeightedTweetsCounterTest"]
        if one["description"] not in OF_AN_OLDER_ALGORITHM
    ]
    return [*older, *tests["WeightedTweetsWithDiscountedEmojiCounterTest"]]


@pytest.mark.parametrize("example", weights(), ids=lambda one: one["description"])
def test_texts_weigh_what_x_says(example: Any) -> None:
    weighed = weigh(example["text"], Length(280, Unit.WEIGHTED))
    assert example["expected"]["weightedLength"] == weighed


def test_the_examples_are_there() -> None:
    spec_file(SPECS / "twitter_text" / "validate.yml")
    assert len(weights()) == 40

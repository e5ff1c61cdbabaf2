"""The first word of an agent's comment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text.commands import NOTHING, Command, Order, posts_named, take_command, take_order


@pytest.mark.parametrize(
    "text",
    ["", "hello #dm", "#dmitry wrote", "#dm-desk", "#publicity", "# dm x", "dm x", "##dm", "#",
     "#dm#public", "#retrying", "a\n#dm", "&#35;dm x"],
)  # fmt: skip
def test_other_words_are_no_command(text: str) -> None:
    """The text comes back untouched."""
    assert take_command(text) == (Command.NONE, text)


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("#dm Hello", Command.DM, "Hello"),
        ("#DM\n\nHello\n#dm", Command.DM, "Hello\n#dm"),
        ("\u00a0\n #Public  Hello", Command.PUBLIC, "Hello"),
        ("\ufeff\u200b#dm\u00a0Hello", Command.DM, "Hello"),
        ("＃dm Hello", Command.DM, "Hello"),
        ("#dm: Hello", Command.DM, "Hello"),
        ("#public, Hello", Command.PUBLIC, "Hello"),
        ("#dm. Hello", Command.DM, ". Hello"),
        ("#retry", Command.RETRY, ""),
        ("#dm #public x", Command.DM, "#public x"),
        ("\u00ad#dm Hello", Command.DM, "Hello"),
        ("\u2068#dm\u2069 Hello", Command.DM, "Hello"),
        ("\u202a#dm\u202c Hello", Command.DM, "Hello"),
    ],
)
def test_the_first_word_is_the_command(text: str, command: Command, rest: str) -> None:
    """In any case, after any white space; only that word is taken out."""
    assert take_command(text) == (command, rest)


@given(st.text())
def test_the_rest_is_always_the_end_of_the_text(text: str) -> None:
    """Nothing is changed behind the command."""
    _, rest = take_command(text)
    assert text.endswith(rest)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("#hide rude words", Order(Command.HIDE, "", "rude words")),
        ("#hide p12: rude words", Order(Command.HIDE, "p12", "rude words")),
        ("#Approve A7", Order(Command.APPROVE, "a7", "")),
        ("#anyway", Order(Command.ANYWAY, "", "")),
        ("#dm", Order(Command.DM, "", "")),
        ("#delete r2d2 is no number", Order(Command.DELETE, "", "r2d2 is no number")),
        ("#hide 34 rude", Order(Command.HIDE, "34", "rude")),
        ("#withdraw #12", Order(Command.WITHDRAW, "12", "")),
        ("#hide p 34 rude", Order(Command.HIDE, "p34", "rude")),
        ("#anyway #r12", Order(Command.ANYWAY, "r12", "")),
        ("#same a7@x", Order(Command.SAME, "", "a7@x")),
        ("#notsame: identity_12", Order(Command.NOTSAME, "", "identity_12")),
        ("#anyway (r12)", Order(Command.ANYWAY, "r12", "")),
        ("#approve [R12], fine", Order(Command.APPROVE, "r12", "fine")),
        ("#dm <r12>", Order(Command.DM, "r12", "")),
        ('#withdraw "r12".', Order(Command.WITHDRAW, "r12", "")),
        ("#withdraw „r12“", Order(Command.WITHDRAW, "r12", "")),
        ("#anyway **r12**", Order(Command.ANYWAY, "r12", "")),
        ("#hide (p34): spam", Order(Command.HIDE, "p34", "spam")),
        ("#hide (p34 is spam)", Order(Command.HIDE, "p34", "is spam)")),
        ("#withdraw (12)", Order(Command.WITHDRAW, "12", "")),
        ("#answer-all (r12) 431", Order(Command.ANSWER_ALL, "r12", "431")),
        ("#hide (rude words)", Order(Command.HIDE, "", "(rude words)")),
        ("#hide “rude words”", Order(Command.HIDE, "", "“rude words”")),
        ("#same (a7)", Order(Command.SAME, "", "(a7)")),
    ],
)
def test_a_note_may_ask_for_something(text: str, order: Order) -> None:
    """The word, what it is about, and why."""
    assert take_order(text) == order


@pytest.mark.parametrize(
    "text",
    [
        "#approve answer r12 is fine",
        "#approve answer 12",
        "#hide Beitrag #34: Werbung",
        "#anyway Nr. r12",
        "#approve act A7",
        "#block user p34",
        "#hide rude words (p 34)",
        "#anyway @r12",
        "#anyway _r12_",
        "#anyway \u2068r12\u2069",
        "#anyway r１２",
        "#anyway r" + "1" * 19,
    ],
)
def test_a_number_that_is_not_the_first_word_never_means_the_newest(text: str) -> None:
    """Somebody meant a certain one: to guess another would post or delete what they did not."""
    order = take_order(text)
    assert order is not None
    assert NOTHING == order.number


@pytest.mark.parametrize("text", ["#public x", "#template", "ask #hide", "#hidden", ""])
def test_most_notes_are_only_notes(text: str) -> None:
    assert take_order(text) is None


P35_TO_P38 = tuple(f"p{number}" for number in range(35, 39))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("#take-out", ("",)),
        ("#take-out p34", ("p34",)),
        ("#take-out p34 p35, #p36 and P 37 & p38. It is another need", ("p34", *P35_TO_P38)),
        ("#take-out p34 p34", ("p34",)),
        ("#take-out p34 as p35 is about something else", ("p34",)),
        ("#take-out p34 p35x", ("p34",)),
        ("#take-out (p34) [p35] and (p36): other needs", ("p34", "p35", "p36")),
        ("#take-out (p34, p35 and p36)", ("p34", "p35", "p36")),
        ("#take-out p34 (p35, p36)", ("p34", "p35", "p36")),
        ("#take-out p34 (p35 is about something else)", ("p34",)),
        ("#take-out posts p34 p35", (NOTHING,)),
    ],
)
def test_posts_are_named_before_the_reason(text: str, named: tuple[str, ...]) -> None:
    order = take_order(text)
    assert order is not None
    assert named == posts_named(order)

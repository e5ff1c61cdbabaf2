"""What `connect` wants to know: from the command line, the environment, or whoever sits there."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from marshmallow import Schema

    from bridge.connecting.asked import Asked
    from bridge.connecting.options import Question


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """`name=value`, each name once."""
    found: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise click.UsageError(f"{option} takes NAME=VALUE")
        if name.strip() in found:
            raise click.UsageError(f"{option} {name.strip()} is given twice")
        found[name.strip()] = value.strip()
    return found


def account_named(given: str | None, taken: tuple[str, ...], *, ask: bool) -> str:
    """A name that is free and can stand in an address."""
    while True:
        name = given
        if name is None:
            if not ask:
                raise click.UsageError("--account is needed: what should the account be called?")
            name = click.prompt("What should the account be called?", err=True)
        wrong = _wrong_name(name, taken)
        if not wrong:
            return name
        if given is not None:
            raise click.UsageError(wrong)
        click.echo(f"  {wrong}", err=True)


def _wrong_name(name: str, taken: tuple[str, ...]) -> str:
    from bridge.mapping.values import is_account_name

    if not is_account_name(name):
        return "a name has small letters, digits, - and _ (at most 64): it stands in addresses"
    if name in taken:
        return (
            f'there is an account "{name}" already: choose another name, or take its block out of '
            "the mapping and connect it anew. Its secrets alone are replaced by `bridge renew "
            f"{name}`"
        )
    return ""


def take_given(
    asked: Asked, schema: Schema, sets: dict[str, str], from_environment: dict[str, str]
) -> None:
    """What the command line says. Raises `click.UsageError` for the first thing wrong with it."""
    from bridge.connecting.options import questions, wrong_with
    from bridge.mapping.words import unknown

    known = {each.name: each for each in questions(schema)}
    for name in (*sets, *from_environment):
        if name not in known:
            raise click.UsageError(unknown(name, known, what="option"))
    for name, value in sets.items():
        if known[name].secret:
            raise click.UsageError(
                f"{name} is a secret: put it into the environment and give "
                f"--secret {name}=VARIABLE, so that it does not stand in the list of processes"
            )
        asked.answers[name] = value
    for name, variable in from_environment.items():
        if not known[name].secret:
            raise click.UsageError(f"{name} is no secret: give --set {name}=VALUE")
        value = os.environ.get(variable, "")
        if not value:
            raise click.UsageError(f"{name}: the environment variable {variable} is not set")
        asked.answers[name], asked.named[name] = value, variable
    for name, value in asked.answers.items():
        wrong = wrong_with(schema, name, value)
        if wrong:
            raise click.UsageError(f"{name}: {wrong}")


def take_rest(asked: Asked, schema: Schema, *, ask: bool) -> None:
    """Ask for what was not given, until all of it goes together."""
    from bridge.connecting.options import questions, wrong_together

    open_ones = [each for each in questions(schema) if each.name not in asked.answers]
    given = dict(asked.answers)
    while True:
        if ask:
            for question in open_ones:
                _ask(asked, schema, question)
        for question in questions(schema):
            if question.own_choice and not asked.answers.get(question.name):
                asked.answers[question.name] = secrets.token_urlsafe(32)
        wrong = wrong_together(schema, asked.answers)
        if not wrong:
            return
        told = "; ".join(f"{name}: {says}" if name else says for name, says in wrong)
        if not ask or not open_ones:
            raise click.UsageError(told)
        click.echo(f"  {told}", err=True)
        asked.answers.clear()
        asked.answers.update(given)


def _ask(asked: Asked, schema: Schema, question: Question) -> None:
    from bridge.connecting.options import wrong_with

    if question.help:
        click.echo(f"  {question.help}", err=True)
    label = question.name
    if question.own_choice:
        label += " (Enter: one is made up)"
    elif not question.required and not question.default:
        label += " (Enter: none)"
    empty = not question.required or question.own_choice
    while True:
        said = click.prompt(
            label,
            default=question.default if empty else None,
            hide_input=question.secret,
            show_default=bool(question.default),
            err=True,
        ).strip()
        if said in ("", question.default) and empty:
            return
        wrong = wrong_with(schema, question.name, said)
        if not wrong:
            asked.answers[question.name] = said
            return
        click.echo(f"  {question.name}: {wrong}", err=True)

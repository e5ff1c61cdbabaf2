"""An account's own settings: `env:NAME` is resolved, then the channel's schema loads them.

An option whose name says that it is a secret becomes a `Secret`, any other plain text.
A value from the environment never stands in a message; the variable's name does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Environ
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError

from bridge.mapping.tree import Draft, Steps
from bridge.mapping.words import did_you_mean, unknown
from bridge.settings import Secret

_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_SECRET = re.compile(r"token|secret|passw|credential|(api|private|signing|access)_?key")
_ABOUT_A_SECRET = re.compile(r"_(url|uri|id|file|path|seconds|days)$")

_PLAIN_WORDS = {
    "Missing data for required field.": "is missing",
    "Field may not be null.": "is empty",
    "Unknown field.": "is not an option of this network",
}


@dataclass
class _Environment:
    """Resolves references, and remembers which options came from where."""

    draft: Draft
    environ: Environ[str, str]
    names: dict[Steps, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    told: set[Steps] = field(default_factory=set)

    def complain(self, steps: Steps, message: str) -> None:
        self.told.add(steps)
        self.draft.complain(steps, message)

    def resolve(self, value: Any, steps: Steps) -> Any:
        if isinstance(value, dict):
            return {key: self.resolve(item, (*steps, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item, (*steps, place)) for place, item in enumerate(value)]
        key = next((str(step) for step in reversed(steps) if isinstance(step, str)), "")
        if isinstance(value, str) and value.strip().startswith("env:"):
            return self.reference(value.strip(), steps, key)
        if is_secret(key) and value is not None and not isinstance(value, bool):
            self.complain(
                steps,
                f"{key}: a secret must not stand here: put it in the environment and "
                "write env:NAME",
            )
        return value

    def reference(self, text: str, steps: Steps, key: str) -> Any:
        match = _REFERENCE.fullmatch(text)
        if not match:
            self.complain(steps, f"{key}: write env: and a variable's name, nothing else")
            return Secret("")
        name = match[1]
        value = self.environ.get(name, "")
        if not value:
            hint = did_you_mean(name, self.environ)
            # The environment is not ours to list: only a near miss is worth a hint.
            hint = f"; {hint}" if hint.startswith("did you mean") else ""
            self.complain(steps, f"{key}: the environment variable {name} is not set{hint}")
        self.names[steps] = name
        if value:
            self.hidden.append(value)
        # An address or a number may come from the environment too; its schema wants it plain.
        return Secret(value) if is_secret(key) else value

    def scrubbed(self, message: str) -> str:
        """A message of a channel's schema, with no value from the environment in it."""
        for value in sorted(self.hidden, key=len, reverse=True):
            message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "***", message)
        return message


def is_secret(key: str) -> bool:
    """Whether an option of this name holds a secret. The name decides, so that it can be seen in
    the mapping: such an option takes a reference only, and its channel is given a `Secret`."""
    name = key.lower().replace("-", "_")
    return bool(_SECRET.search(name)) and not _ABOUT_A_SECRET.search(name)


def load_options(
    draft: Draft, steps: Steps, raw: dict[str, Any], schema: Schema, environ: Environ[str, str]
) -> dict[str, Any]:
    """What the channel's schema makes of an account's options; mistakes go to the draft."""
    environment = _Environment(draft, environ)
    resolved = {key: environment.resolve(value, (*steps, key)) for key, value in raw.items()}
    known = [option.data_key or name for name, option in schema.fields.items()]
    for key in [key for key in raw if key not in known]:
        draft.complain((*steps, key), unknown(key, known, what="option"), at_key=True)
        del resolved[key]
    try:
        loaded = schema.load(resolved)
    except ValidationError as error:
        for way, message in flat(error.messages):
            place = (*steps, *way)
            # A reference that could not be resolved has been told already.
            if place in environment.told:
                continue
            name = environment.names.get(place)
            said = environment.scrubbed(plain_words(message))
            about = f"{way[-1]}: " if way else ""
            held = f"what {name} holds is not right: " if name else ""
            draft.complain(place, f"{about}{held}{said}")
        return {}
    return dict(loaded)


def plain_words(message: str) -> str:
    """marshmallow's own words in ours."""
    return _PLAIN_WORDS.get(message, message)


def flat(messages: Any, way: Steps = ()) -> Iterator[tuple[Steps, str]]:
    """marshmallow's tree of messages as single ones, each with the way to its value."""
    if isinstance(messages, dict):
        for key, below in messages.items():
            yield from flat(below, way if key == "_schema" else (*way, key))
    elif isinstance(messages, list):
        for below in messages:
            yield from flat(below, way)
    else:
        yield way, messages

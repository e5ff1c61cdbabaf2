"""What an agent tells the bridge with the first word of a comment."""

from __future__ import annotations

import re
from enum import StrEnum


class Command(StrEnum):
    """`#dm` and `#public` choose who reads this answer; `#retry`, in a note, sends it again;
    `#template` writes to somebody whose window has closed, where the network has a way to."""

    NONE = ""
    DM = "dm"
    PUBLIC = "public"
    RETRY = "retry"
    TEMPLATE = "template"


# The hash may be full-width (Asian keyboards), and what editors leave before the first word (BOM,
# zero-width and no-break spaces) does not count: a "#dm" that is overlooked would be posted in
# public. For the same reason a colon or comma after it is forgiven, and goes with it.
_COMMAND = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff]*[#＃](dm|public|retry|template)(?![\w#-])[:,]?[\s\u200b\ufeff]*",
    re.IGNORECASE,
)


def take_command(text: str) -> tuple[Command, str]:
    """The command, and the text without that one word. `#dmitry` is a word like any other."""
    match = _COMMAND.match(text)
    if match is None:
        return Command.NONE, text
    return Command(match.group(1).lower()), text[match.end() :]

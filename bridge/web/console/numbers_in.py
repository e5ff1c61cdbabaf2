"""Numbers and words that come in by an address, made fit for a database."""

from __future__ import annotations

import re

from flask import request
from werkzeug.exceptions import NotFound

LARGEST = 2**63 - 1


def row(number: int) -> int:
    """A row's number; one that no row can have leads nowhere."""
    if number > LARGEST:
        raise NotFound
    return number


def optional_row(name: str) -> int | None:
    """A row's number from the query, None for none or for nonsense."""
    given = request.args.get(name, type=int)
    return given if given is not None and 0 <= given <= LARGEST else None


def words(name: str, most: int = 200) -> str:
    """What was typed, in one line, without what no database keeps."""
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", request.args.get(name, ""))[:most].strip()

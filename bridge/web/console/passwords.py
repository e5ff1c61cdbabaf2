"""Names and passwords of admins: what is good enough, and how a password is kept and checked.

scrypt, as Werkzeug does it by default (N=2^15, r=8, p=1):
https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.generate_password_hash
"""

from __future__ import annotations

import re
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

LEAST, MOST = 12, 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,79}")


def tidy_name(name: str) -> str:
    """Names are told apart without regard to capitals."""
    return name.strip().lower()[:200]


def why_no_name(name: str) -> str:
    """What is wrong with a tidy name, "" if nothing is."""
    if _NAME.fullmatch(name):
        return ""
    return (
        "A name has 2 to 80 signs: letters without accents, digits, and . _ @ + - after the first."
    )


def why_no_password(name: str, password: str, again: str) -> str:
    """What is wrong with a new password, "" if nothing is."""
    if len(password) < LEAST:
        return f"A password has at least {LEAST} signs. A few words in a row are easy to remember."
    if len(password) > MOST:
        return f"A password has at most {MOST} signs."
    if password.lower().strip() in (name, name.partition("@")[0]) or len(set(password)) < 4:
        return "That password is guessed at once. Choose another one."
    if password != again:
        return "The two passwords are not the same."
    return ""


def seal(password: str) -> str:
    return generate_password_hash(password, method="scrypt")


def fits(kept: str, password: str) -> bool:
    """Whether this is the password. Takes as long for somebody who has none, or is unknown."""
    known = bool(kept)
    right = check_password_hash(kept if known else _nobodys(), password[:MOST])
    return known and right


@cache
def _nobodys() -> str:
    return seal("the password of nobody at all")

"""What a soak prints."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from soak.counting import Meant, Seen, dues
from soak.plan import Wanted
from soak.play import Told

MOST_SHOWN = 50


def lines(
    wanted: Wanted, database: str, told: Told, meant: Meant, seen: Seen, took: list[float]
) -> Iterator[str]:
    """The figures. `took` is how long each post was on its way to its ticket, in seconds."""
    posts = round(wanted.seconds * wanted.rate)
    first = [post for post in meant.said if "thanks" not in post.word]
    held = (len(first) - 1) / told.seconds if told.seconds else 0.0
    due = dues(meant, seen)
    notices = sum(not sent.words for sent in seen.sent)
    yield (
        f"Soak: {wanted.seconds:g} s, {wanted.rate:g} posts a second, {wanted.workers} workers, "
        f"{database}, seed {wanted.seed}"
    )
    yield _line("rate", f"{wanted.rate:g} a second wanted, {held:.2f} held, {told.late:.2f} s late")
    private = sum(post.private for post in meant.said)
    thanked = len(meant.said) - len(first)
    yield _line(
        "posts",
        f"{len(first)} of {posts} said, and {thanked} answers to private messages; "
        f"{private} private; {len(seen.tickets)} tickets",
    )
    yield _line(
        "answers",
        f"{len(meant.written)} written, {sum(one.private for one in due)} of them private; "
        f"{sum(one.is_handover for one in due)} handovers, {notices} notices",
    )
    yield _line(
        "killed", ", ".join(f"{name} {many}" for name, many in told.kills.items()) or "none"
    )
    faults = ", ".join(f"{side} {many}" for side, many in told.troubles.items() if many)
    yield _line("faults", f"requests hit: {faults or 'none'}; {told.again} deliveries came again")
    yield _line("on a ticket", _times(took))
    drained = "not in time" if told.drained is None else f"in {told.drained:.1f} s"
    yield _line("backlog", f"{told.behind} posts when the last one was said; gone {drained}")
    for name, span in told.memory.items():
        yield _line(
            f"MiB of {name}",
            f"{span.first:.0f} at the beginning, {span.most:.0f} at most, {span.last:.0f} at last",
        )


def verdict(wrong: list[str]) -> Iterator[str]:
    if not wrong:
        yield "exact"
        return
    yield f"NOT EXACT: {len(wrong)} differences"
    yield from (f"  {one}" for one in wrong[:MOST_SHOWN])
    if len(wrong) > MOST_SHOWN:
        yield f"  and {len(wrong) - MOST_SHOWN} more"


def _times(took: list[float]) -> str:
    if len(took) < 2:
        return "nobody knows"
    parts = statistics.quantiles(took, n=20)
    middle = statistics.median(took)
    return f"after {middle:.2f} s, 95% within {parts[-1]:.1f} s, all within {max(took):.1f} s"


def _line(name: str, says: str) -> str:
    return f"  {name:14} {says}"

"""The console's pages on numbers: tables, plots, files."""

from __future__ import annotations

from datetime import date

from flask import Response, request
from werkzeug.exceptions import NotFound, UnprocessableEntity

from bridge.flow.bridge import Bridge
from bridge.flow.measuring import BADGE_OVER, BADGE_SHARE, BADGE_WITHIN
from bridge.flow.number_tables import tables
from bridge.flow.numbers import LONGEST, Days, last_days, numbers_of, zone_of
from bridge.text.tables import Table, as_csv, spoken
from bridge.web.console.frame import Frame
from bridge.web.console.plots import PLOTS, answer

CHOICES = (7, 30, 90)
USUAL = 30

SHOWN_WITH = {"first-reply-accounts": "first-reply", "first-reply-hours": "hours"}
"""The plots of tables, where they have another name."""
_PLOT_OF = {**SHOWN_WITH, "days": "volume", "costs-by-day": "cost"}

ABOUT = {
    "first-reply-accounts": "From the first thing a customer said that was not answered yet to the "
    "first answer of an agent, by the networks' own clocks.",
    "first-reply-hours": "By the hour in which customers began to wait, in each account's own "
    "time zone.",
    "resolution": "From the first thing a customer said to the solving of the ticket.",
    "costs": "As the network's price list has it. Only X charges for each call.",
    "badge": "As far as we can see: when the Page is set to away over there, Facebook does not "
    "count, and we are not told.",
}


def pages(frame: Frame) -> None:
    bridge = frame.bridge

    @frame.get("/numbers")
    def numbers() -> Response:
        days = _asked(bridge)
        found = numbers_of(bridge, days)
        return frame.page(
            "numbers.html",
            title="Numbers",
            days=days,
            chosen=_chosen(days),
            choices=CHOICES,
            accounts=sorted(bridge.mapping.accounts),
            tables=[each for each in tables(found) if each.rows or each.name in ABOUT],
            about=ABOUT,
            plots=_PLOT_OF,
            query=_query(days),
            spoken=spoken,
            badges=found.badges,
            badge=(BADGE_SHARE, BADGE_WITHIN, BADGE_OVER),
        )

    @frame.get("/numbers/<plot>.svg")
    def numbers_plot(plot: str) -> Response:
        if plot not in PLOTS:
            raise NotFound("There is no such plot.")
        return answer(PLOTS[plot](numbers_of(bridge, _asked(bridge))))

    @frame.get("/numbers/<table>.csv")
    def numbers_file(table: str) -> Response:
        days = _asked(bridge)
        found = next(
            (each for each in tables(numbers_of(bridge, days)) if each.name == table), None
        )
        if found is None:
            raise NotFound("There is no such table.")
        return _file(found, days)


def _file(table: Table, days: Days) -> Response:
    of = f"{days.account}-" if days.account else ""
    name = f"{of}{table.name}-{days.first}-{days.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(table), content_type="text/csv; charset=utf-8", headers=headers)


# ------------------------------------------------------------------ the period


def _asked(bridge: Bridge) -> Days:
    """What the address says. Raises 404 for an account that there is not, 422 for no period."""
    account = request.args.get("account", "")
    if account and account not in bridge.mapping.accounts:
        raise NotFound("There is no such account.")
    first, last = request.args.get("from", ""), request.args.get("to", "")
    chosen = request.args.get("days", "")
    if chosen == "own" or (not chosen and (first or last)):
        return _own(bridge, account, first, last)
    count = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else USUAL
    return last_days(bridge, min(max(count, 1), LONGEST), account)


def _own(bridge: Bridge, account: str, first: str, last: str) -> Days:
    try:
        days = Days(
            date.fromisoformat(first),
            date.fromisoformat(last),
            zone_of(bridge.mapping, account),
            account,
        )
    except ValueError as wrong:
        raise UnprocessableEntity("A period has a first and a last day.") from wrong
    if not 1 <= days.count <= LONGEST or not 1970 <= days.first.year <= days.last.year <= 9000:
        raise UnprocessableEntity(
            f"The last day is not before the first one, and at most {LONGEST} days fit."
        )
    return days


def _chosen(days: Days) -> str:
    chosen = request.args.get("days", "")
    return chosen if chosen in map(str, CHOICES) else str(days.count) if not chosen else "own"


def _query(days: Days) -> dict[str, str]:
    """The same period and account for plots and files, wherever midnight falls meanwhile."""
    asked = {"from": days.first.isoformat(), "to": days.last.isoformat()}
    return asked | ({"account": days.account} if days.account else {})

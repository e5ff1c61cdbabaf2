"""Tables: cells as people read them, and as machines do."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from bridge.model import DAY, HOUR, MINUTE

FEW = 5
"""With fewer measured, a number is shown with a warning: one more could turn it around."""

Cell = str | int | Decimal | Fraction | timedelta | None
"""None: there is nothing to tell, which is not the same as zero."""

DASH = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` is what its plain numbers are in, "" for text and counts."""

    title: str
    unit: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """`counted` is the column that tells of how many a row's times are, None where none does."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    counted: int | None = None

    def is_few(self, row: tuple[Cell, ...], column: int) -> bool:
        count = row[column]
        return column == self.counted and isinstance(count, int) and 0 < count < FEW


def spoken(cell: Cell) -> str:
    """ "4 min", "2 h 05 min", "3 days 4 h", "87 %"."""
    if cell is None:
        return DASH
    if isinstance(cell, timedelta):
        return _spoken_time(cell)
    if isinstance(cell, Fraction):
        percent = cell * 100
        return f"{int(percent)} %" if percent.denominator == 1 else f"{float(percent):.1f} %"
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return str(cell)


def _spoken_time(span: timedelta) -> str:
    if span < MINUTE:
        return f"{span.seconds} s"
    if span < HOUR:
        return f"{span // MINUTE} min"
    if span < 2 * DAY:
        hours, rest = divmod(span, HOUR)
        return f"{hours} h {rest // MINUTE:02} min"
    days, rest = divmod(span, DAY)
    return f"{days} days {rest // HOUR} h"


def plain(cell: Cell) -> str:
    """Seconds, shares of 1; empty where there is nothing to tell."""
    if cell is None:
        return ""
    if isinstance(cell, timedelta):
        return str(round(cell.total_seconds()))
    return f"{float(cell):.4f}" if isinstance(cell, Fraction) else str(cell)


def as_csv(table: Table) -> str:
    """RFC 4180. A cell that a spreadsheet would take for a formula is made plain text
    (https://owasp.org/www-community/attacks/CSV_Injection)."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(
        f"{each.title} ({each.unit})" if each.unit else each.title for each in table.columns
    )
    for row in table.rows:
        writer.writerow(_guarded(plain(cell)) for cell in row)
    return file.getvalue()


def _guarded(text: str) -> str:
    is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not is_number else text

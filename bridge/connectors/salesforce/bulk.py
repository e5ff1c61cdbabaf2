"""Many rows at once: jobs of the Bulk API 2.0. CSV only.

https://developer.salesforce.com/docs/platform/api-asynch/guide/bulk-api-2-0-ingest.html. A file may
have 150 MB after base64, so 100 MB; ours stay far below, because the results bring every column
back. One job is created, filled, declared complete, and asked for until it is done. One that was
left in the middle is done again: its rows are found by their external id.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bridge.connectors.calls import Answer, Calls, words
from bridge.connectors.contract import Around
from bridge.connectors.salesforce.errors import of_call
from bridge.errors import Misconfigured, Unreachable

MOST_BYTES = 6 * 1024 * 1024
"""Of one file. What comes back is somewhat larger, and answers are read up to 16 MB."""
NOTHING = "#N/A"
"""Empties a field, where an empty value leaves it as it is."""
POLLS = (2.0, 3.0, 5.0, 10.0, 15.0)
"""Seconds between two looks; the last one again and again."""
MOST_LOOKS = 240
_DONE, _BROKEN = "JobComplete", ("Failed", "Aborted")

Table = list[dict[str, str]]


def cell(value: str | int | None) -> str:
    """A customer who writes nothing but #N/A means those signs. A CR alone would be written without
    quotes, and may end the line for who reads it."""
    if value is None:
        return NOTHING
    text = re.sub(r"\r(?!\n)", "\n", str(value))
    return f"{NOTHING} " if text == NOTHING else text


def files(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> Iterator[tuple[int, bytes]]:
    """CSV files with their heads, and how many rows each has. Lines end with LF, as the job says;
    a line break within a text is quoted."""
    head = _lines(columns, ())
    content, many = bytearray(head), 0
    for row in rows:
        line = _lines((), ([row.get(name, "") for name in columns],))
        if many and len(content) + len(line) > MOST_BYTES:
            yield many, bytes(content)
            content, many = bytearray(head), 0
        content += line
        many += 1
    if many:
        yield many, bytes(content)


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *rows] if head else rows)
    return text.getvalue().encode("utf-8", "replace")


class Jobs:
    """`path` is /services/data/vXX.0."""

    def __init__(self, calls: Calls, path: str, around: Around) -> None:
        self._calls = calls
        self._path = f"{path}/jobs/ingest"
        self._around = around

    def run(self, what: dict[str, str], content: bytes) -> tuple[Table, Table]:
        """The rows that went through and those that failed, with `sf__Id` and `sf__Error`. `what`
        names the object and the operation. Raises `Misconfigured` for a job that failed as a
        whole, `Again` and its kin."""
        job = self._asked("POST", "", {**what, "contentType": "CSV", "lineEnding": "LF"})
        way = f"/{job['id']}"
        filled = self._calls.ask(
            "PUT", f"{self._path}{way}/batches", raw=content, headers={"Content-Type": "text/csv"}
        )
        self._good(filled)
        self._asked("PATCH", way, {"state": "UploadComplete"})
        self._wait_for(way)
        return self._table(f"{way}/successfulResults"), self._table(f"{way}/failedResults")

    def _wait_for(self, way: str) -> None:
        for look in range(MOST_LOOKS):
            job = self._asked("GET", way)
            state = job.get("state")
            if state == _DONE:
                return
            if state in _BROKEN:
                says = words(job.get("errorMessage") or state)
                raise Misconfigured(f"Salesforce could not do the bulk job: {says}")
            self._around.wait(POLLS[min(look, len(POLLS) - 1)])
        raise Unreachable("Salesforce has not done the bulk job for an hour")

    def _table(self, way: str) -> Table:
        headers = {"Accept": "text/csv"}
        answer = self._good(self._calls.ask("GET", self._path + way, headers=headers))
        return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8"), newline="")))

    def _asked(self, method: str, way: str, body: Any = None) -> dict[str, Any]:
        answer = self._good(self._calls.ask(method, self._path + way, body=body))
        if not isinstance(answer.data, dict):
            raise Unreachable("Salesforce answered something that nobody can read")
        return answer.data

    def _good(self, answer: Answer) -> Answer:
        if not answer.good:
            raise of_call(answer, "the Bulk API is not there: does this edition have it?")
        return answer

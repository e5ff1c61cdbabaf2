"""Logs as events: one JSON object a line, or words and colours where a person is looking.

Lines of the libraries go the same way, and nothing gets out before it has been through
`Redaction`. BRIDGE_LOG_FORMAT decides the form (`json` or `console`); without it a terminal gets
the console's. Everything goes to the standard error, because the standard output is for results.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Environ
from typing import Any, TextIO
from urllib.parse import quote, unquote, urlsplit

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bridge.mapping import Mapping
from bridge.model import Clock, utcnow
from bridge.settings import Secret

HIDDEN = "***"
_SHORTEST = 4
_SHORTEST_GUESS = 8
"""Characters. What only a variable's name calls a secret may be a plain short word."""
_DEEPEST = 8
_LONGEST = 32 * 1024

_SECRET_NAME = re.compile(
    r"authorization|cookie|token|secret|passw|credential|signature|(api|private|signing|access|"
    r"encryption)_?key|(database|broker)_url",
    re.IGNORECASE,
)
# What a name like those may stand for without being one.
_HARMLESS = (bool, int, float, type(None))

_WORD = (
    r"[\w.-]{0,60}(?:token|secret|passw(?:or)?d|authorization|api_?key|signature|credential)"
    r"[\w-]{0,60}"
)
# Every pattern begins where a word does: one long word is gone through once, not n times.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        # https://user:password@host
        (r"((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://)[^\s/'\"]+@", rf"\1{HIDDEN}@"),
        (r"whsec_[A-Za-z0-9+/=_-]+", HIDDEN),
        (r"\b(Bearer)\s+[A-Za-z0-9._~+/=-]{4,}", rf"\1 {HIDDEN}"),
        (r"\b(Basic|Token)\s+(?=\S*[0-9=_./-])[A-Za-z0-9._~+/=-]{8,}", rf"\1 {HIDDEN}"),
        (r"(authorization['\"]?\s*:\s*)[^'\"\s][^'\"\n]*", rf"\1{HIDDEN}"),
        # ?access_token=…&code=…
        (rf"([?&;](?:{_WORD}|code|key|sig|auth)=)[^&;#\s'\"<>]*", rf"\1{HIDDEN}"),
        # "client_secret": "…", client_secret='…', and pairs in a list
        (rf"((?<![\w.-]){_WORD}['\"]?\s*[:=,]\s*b?(['\"]))(?:(?!\2).)*", rf"\1{HIDDEN}"),
        # token=…
        (rf"((?<![\w.?&;-]){_WORD}\s*=\s*)[^\s'\",;&)}}\]]+", rf"\1{HIDDEN}"),
        # A Fernet key: 32 bytes in URL-safe base64.
        (r"(?<![A-Za-z0-9_/+-])[A-Za-z0-9_-]{43}=(?![A-Za-z0-9=])", HIDDEN),
    )
)

# What none of them can match: one look instead of nine, at most of what is logged.
_PLAIN = re.compile(r"(?!.*(?:whsec_|authorization))[a-z0-9_.:+-]*\Z", re.IGNORECASE)


class Redaction:
    """A structlog processor: takes out what is known to be secret, and what looks like it.

    `secrets` are taken out wherever they stand, also as a URL spells them.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        plain = {secret.reveal() for secret in secrets}
        spelt = {
            form for value in plain for form in (value, quote(value, safe=""), repr(value)[1:-1])
        }
        known = sorted((form for form in spelt if len(form) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {
            self.text(str(name)): self._field(str(name), value, 0) for name, value in event.items()
        }

    def text(self, text: str) -> str:
        """A text without secrets."""
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}…"
        if self._known:
            text = self._known.sub(HIDDEN, text)
        if _PLAIN.match(text):
            return text
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def _field(self, name: str, value: Any, depth: int) -> Any:
        if _SECRET_NAME.search(name) and not isinstance(value, _HARMLESS):
            return HIDDEN if value else value
        return self._value(value, depth + 1)

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, _HARMLESS):
            return value
        if isinstance(value, str):
            return self.text(str(value))
        if isinstance(value, (bytes, bytearray)):
            return self.text(bytes(value).decode("utf-8", "backslashreplace"))
        if depth > _DEEPEST:
            return "…"
        if isinstance(value, dict):
            return {
                self.text(str(name)): self._field(str(name), each, depth)
                for name, each in value.items()
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value(each, depth + 1) for each in _paired(value)]
        return self.text(str(value) if isinstance(value, BaseException) else repr(value))


def _paired(values: Iterable[Any]) -> Iterator[Any]:
    """Headers are often lists of pairs: there the name stands beside the value, not above it."""
    for value in values:
        if (
            isinstance(value, (tuple, list))
            and len(value) == 2
            and isinstance(value[0], (str, bytes))
        ):
            name = value[0] if isinstance(value[0], str) else value[0].decode("latin-1")
            if _SECRET_NAME.search(name) and not isinstance(value[1], _HARMLESS):
                yield [name, HIDDEN]
                continue
        yield value


# What a stranger's words could turn into another line, or a terminal into a command: controls,
# line and paragraph separators, direction marks, halves of characters.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_TRACES = ("exception", "stack")


def _spelt(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def on_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Nobody's words begin a line of the console; a traceback's own lines are set in."""
    return {
        name: "\n    ".join(_UNSEEN.sub(_spelt, line) for line in value.split("\n"))
        if name in _TRACES and isinstance(value, str)
        else _UNSEEN.sub(_spelt, value)
        if isinstance(value, str)
        else value
        for name, value in event.items()
    }


class _Json:
    """JSON leaves some of them as they are; spelt out, they are the same JSON."""

    def __init__(self) -> None:
        self._render = structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False)

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        return _UNSEEN.sub(_spelt, str(self._render(logger, method, event)))


class _Ours(logging.StreamHandler[TextIO]):
    """Known again when set up once more."""


def set_up(
    environ: Environ[str, str],
    level: str = "info",
    secrets: Iterable[Secret] = (),
    *,
    stream: TextIO | None = None,
    clock: Clock = utcnow,
) -> None:
    """Everything that is logged from here on goes this way; may be repeated when more secrets
    are known. Those of the environment are known by their names."""
    out = stream or sys.stderr
    redaction = Redaction((*secrets, *secrets_in(environ)))
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamped(clock),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *first,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Ours(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                redaction,
                *_rendered(environ.get("BRIDGE_LOG_FORMAT", ""), out),
            ],
        )
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Ours)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # it tells every URL it calls
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.captureWarnings(True)


def secrets_in(environ: Environ[str, str]) -> Iterator[Secret]:
    """What the environment holds under a name that says secret."""
    for name, value in environ.items():
        if not _SECRET_NAME.search(name) and not name.upper().endswith("_KEY"):
            continue
        if "://" in value:
            # An address is not a secret; the password in it is.
            try:
                password = urlsplit(value).password
            except ValueError:
                password = None
            parts = {password or "", unquote(password or "")}
        else:
            parts = {value, *re.split(r"[\s,]+", value)}
        yield from (Secret(part) for part in parts if len(part) >= _SHORTEST_GUESS)


def secrets_of(mapping: Mapping) -> tuple[Secret, ...]:
    """The secrets that accounts were given, whatever their variables are called."""
    return tuple(_secrets([account.options for account in mapping.accounts.values()]))


def _secrets(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, dict):
        yield from _secrets(list(value.values()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _secrets(each)


def _stamped(clock: Clock) -> Processor:
    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["at"] = clock().isoformat(timespec="milliseconds")
        return event

    return stamp


def _rendered(form: str, out: TextIO) -> tuple[Processor, ...]:
    terminal = out.isatty()
    if form.strip().lower() == "console" or (not form.strip() and terminal):
        console = structlog.dev.ConsoleRenderer(colors=terminal, timestamp_key="at")
        return (on_one_line, console)
    return (_Json(),)

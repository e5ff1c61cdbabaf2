"""Settings from the environment, checked as a whole before anything starts.

Secrets are kept in `Secret`, which prints as asterisks wherever it turns up.
"""

from __future__ import annotations

from collections.abc import Mapping as Environ
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from bridge.errors import Misconfigured


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must not be seen: `reveal()` is the only way to it."""

    _value: str

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__


@dataclass(frozen=True)
class ZendeskSettings:
    """Where the helpdesk is and how to sign in: a token, or a client id and its secret."""

    url: str = ""
    oauth_token: Secret = Secret("")
    client_id: str = ""
    client_secret: Secret = Secret("")
    webhook_secret: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides.

    `secret_keys` are Fernet keys, the first encrypts, all decrypt. `lease_seconds` is how long a
    worker may hold a lane without a sign of life; `reconcile_seconds` how often the helpdesk is
    asked for what no ping told. `max_body` and `max_file` are bytes. `retain_days` is how long the
    bodies of settled deliveries are kept.
    """

    database_url: str = "sqlite:///bridge.sqlite3"
    mappings: str = "mappings"
    public_url: str = ""
    secret_keys: tuple[Secret, ...] = ()
    zendesk: ZendeskSettings = ZendeskSettings()
    trusted_hosts: frozenset[str] = frozenset()
    log_level: str = "info"
    workers: int = 4
    lease_seconds: float = 120.0
    reconcile_seconds: float = 120.0
    max_body: int = 4 * 1024 * 1024
    max_file: int = 20 * 1024 * 1024
    retain_days: float = 30.0


_HELP = {
    "BRIDGE_DATABASE_URL": "sqlite:///path/file.sqlite3 or postgresql://user:password@host/name",
    "BRIDGE_MAPPINGS": "a mapping file, or a folder of *.yaml",
    "BRIDGE_PUBLIC_URL": "the https address under which the networks and the helpdesk reach us",
    "BRIDGE_SECRET_KEY": "one or more Fernet keys, comma-separated, newest first; make one with "
    "`bridge new-key`",
    "ZENDESK_URL": "https://your-subdomain.zendesk.com",
}


def load(environ: Environ[str, str]) -> Settings:
    """Read the settings. Raises `Misconfigured` naming every mistake at once, values withheld."""
    problems: list[str] = []

    def text(name: str, default: str = "") -> str:
        return environ.get(name, "").strip() or default

    def number(name: str, default: float, least: float) -> float:
        raw = text(name)
        if not raw:
            return default
        try:
            value = float(raw)
        except ValueError:
            problems.append(f"{name} must be a number, at least {least:g}")
            return default
        if not least <= value < float("inf"):
            problems.append(f"{name} must be at least {least:g}")
            return default
        return value

    def address(name: str) -> str:
        value = text(name).rstrip("/")
        if value:
            try:
                parts = urlsplit(value)
                port_is_right = parts.port != 0
            except ValueError:  # an unfinished IPv6 address, a port of six digits
                parts, port_is_right = urlsplit(""), False
            if not port_is_right or parts.scheme not in ("http", "https") or not parts.hostname:
                problems.append(f"{name} must be an http or https address: {_HELP[name]}")
            elif parts.username or parts.password:
                problems.append(f"{name} must not carry a user name or password")
        return value

    database = _with_driver(text("BRIDGE_DATABASE_URL", Settings.database_url))
    if not database.startswith(("sqlite:///", "postgresql+psycopg://")):
        problems.append(f"BRIDGE_DATABASE_URL must be {_HELP['BRIDGE_DATABASE_URL']}")
    keys = tuple(Secret(key.strip()) for key in text("BRIDGE_SECRET_KEY").split(",") if key.strip())
    for position, key in enumerate(keys, 1):
        try:
            Fernet(key.reveal())
        except ValueError:
            problems.append(
                f"BRIDGE_SECRET_KEY: key {position} is not a Fernet key: "
                f"{_HELP['BRIDGE_SECRET_KEY']}"
            )
    level = text("BRIDGE_LOG_LEVEL", "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        problems.append("BRIDGE_LOG_LEVEL must be debug, info, warning or error")
    zendesk = ZendeskSettings(
        url=address("ZENDESK_URL"),
        oauth_token=Secret(text("ZENDESK_OAUTH_TOKEN")),
        client_id=text("ZENDESK_CLIENT_ID"),
        client_secret=Secret(text("ZENDESK_CLIENT_SECRET")),
        webhook_secret=Secret(text("ZENDESK_WEBHOOK_SECRET")),
    )
    if bool(zendesk.client_id) != bool(zendesk.client_secret):
        problems.append("ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET belong together: set both")
    settings = Settings(
        database_url=database,
        mappings=text("BRIDGE_MAPPINGS", Settings.mappings),
        public_url=address("BRIDGE_PUBLIC_URL"),
        secret_keys=keys,
        zendesk=zendesk,
        trusted_hosts=frozenset(
            host.strip() for host in text("BRIDGE_TRUSTED_HOSTS").split(",") if host.strip()
        ),
        log_level=level,
        workers=int(number("BRIDGE_WORKERS", Settings.workers, 1)),
        lease_seconds=number("BRIDGE_LEASE_SECONDS", Settings.lease_seconds, 1),
        reconcile_seconds=number("BRIDGE_RECONCILE_SECONDS", Settings.reconcile_seconds, 1),
        max_body=int(number("BRIDGE_MAX_BODY", Settings.max_body, 1024)),
        max_file=int(number("BRIDGE_MAX_FILE", Settings.max_file, 1024)),
        retain_days=number("BRIDGE_RETAIN_DAYS", Settings.retain_days, 1),
    )
    if problems:
        raise Misconfigured("settings: " + "; ".join(problems))
    return settings


def _with_driver(url: str) -> str:
    """Hosts hand out `postgres://`; SQLAlchemy wants the driver named."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url

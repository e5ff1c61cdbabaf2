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
    """Where the helpdesk is and how to sign in: a token, or a client id and its secret.

    `webhook_secret` signs the helpdesk's events, `app_secret` the questions of the sidebar app.
    `updates_per_minute` is how many changes of tickets the account takes; every plan has this one
    (https://developer.zendesk.com/api-reference/introduction/rate-limits/#endpoint-rate-limits).
    """

    url: str = ""
    oauth_token: Secret = Secret("")
    client_id: str = ""
    client_secret: Secret = Secret("")
    webhook_secret: Secret = Secret("")
    app_secret: Secret = Secret("")
    updates_per_minute: int = 100


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID provider where the console's admins sign in. `allowed` are e-mail addresses, or
    "@domain" for everybody of a domain, in small letters."""

    issuer: str = ""
    client_id: str = ""
    client_secret: Secret = Secret("")
    allowed: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The provider's host, as people are shown it; "" for no provider."""
        return urlsplit(self.issuer).hostname or ""


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides.

    `secret_keys` are Fernet keys, the first encrypts, all decrypt. `lease_seconds` is how long a
    worker may hold a lane without a sign of life; `reconcile_seconds` how often the helpdesk is
    asked for what no ping told. `max_body` and `max_file` are bytes. `retain_days` is how long the
    bodies of settled deliveries are kept. `proxies` is how many of ours stand in front and say
    by whom they were called. `api_per_minute` is how often one token may ask for the customer
    history, in each web process. `broker_url` carries wake-ups in the place of PostgreSQL.
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
    oidc: OidcSettings = OidcSettings()
    proxies: int = 0
    api_per_minute: int = 600
    broker_url: Secret = Secret("")


_HELP = {
    "BRIDGE_DATABASE_URL": "sqlite:///path/file.sqlite3 or postgresql://user:password@host/name",
    "BRIDGE_MAPPINGS": "a mapping file, or a folder of *.yaml",
    "BRIDGE_PUBLIC_URL": "the https address under which the networks and the helpdesk reach us",
    "BRIDGE_SECRET_KEY": "one or more Fernet keys, comma-separated, newest first; make one with "
    "`bridge new-key`",
    "BRIDGE_BROKER_URL": "amqp://user:password@host/vhost or redis://:password@host/0 (with TLS: "
    "amqps, rediss)",
    "BRIDGE_OIDC_ISSUER": "the OpenID provider's issuer, as its discovery document names it",
    "ZENDESK_URL": "https://your-subdomain.zendesk.com",
}


_A_DAY = 24 * 60 * 60
_A_CENTURY = 36_500
_MOST_A_MINUTE = 1_000_000
_MOST_BYTES = 1024**3


def load(environ: Environ[str, str]) -> Settings:
    """Read the settings. Raises `Misconfigured` naming every mistake at once, values withheld."""
    problems: list[str] = []

    def text(name: str, default: str = "") -> str:
        return environ.get(name, "").strip() or default

    def number(name: str, default: float, least: int, most: int) -> float:
        raw = text(name)
        if not raw:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            problems.append(
                f"{name} must be a number from {least} to {most} (left empty, it is {default:.0f})"
            )
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
    broker = text("BRIDGE_BROKER_URL")
    if broker and not _is_broker(broker):
        problems.append(f"BRIDGE_BROKER_URL must be {_HELP['BRIDGE_BROKER_URL']}")
    zendesk = ZendeskSettings(
        url=address("ZENDESK_URL"),
        oauth_token=Secret(text("ZENDESK_OAUTH_TOKEN")),
        client_id=text("ZENDESK_CLIENT_ID"),
        client_secret=Secret(text("ZENDESK_CLIENT_SECRET")),
        webhook_secret=Secret(text("ZENDESK_WEBHOOK_SECRET")),
        app_secret=Secret(text("ZENDESK_APP_SECRET")),
        updates_per_minute=int(
            number(
                "ZENDESK_UPDATES_PER_MINUTE", ZendeskSettings.updates_per_minute, 1, _MOST_A_MINUTE
            )
        ),
    )
    if bool(zendesk.client_id) != bool(zendesk.client_secret):
        problems.append("ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET belong together: set both")
    oidc = OidcSettings(
        issuer=address("BRIDGE_OIDC_ISSUER"),
        client_id=text("BRIDGE_OIDC_CLIENT_ID"),
        client_secret=Secret(text("BRIDGE_OIDC_CLIENT_SECRET")),
        allowed=frozenset(
            each.strip().lower() for each in text("BRIDGE_OIDC_ALLOWED").split(",") if each.strip()
        ),
    )
    problems.extend(_wrong_with(oidc))
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
        workers=int(number("BRIDGE_WORKERS", Settings.workers, 1, 256)),
        lease_seconds=number("BRIDGE_LEASE_SECONDS", Settings.lease_seconds, 1, _A_DAY),
        reconcile_seconds=number("BRIDGE_RECONCILE_SECONDS", Settings.reconcile_seconds, 1, _A_DAY),
        max_body=int(number("BRIDGE_MAX_BODY", Settings.max_body, 1024, _MOST_BYTES)),
        max_file=int(number("BRIDGE_MAX_FILE", Settings.max_file, 1024, _MOST_BYTES)),
        retain_days=number("BRIDGE_RETAIN_DAYS", Settings.retain_days, 1, _A_CENTURY),
        oidc=oidc,
        proxies=int(number("BRIDGE_PROXIES", Settings.proxies, 0, 100)),
        api_per_minute=int(
            number("BRIDGE_API_PER_MINUTE", Settings.api_per_minute, 1, _MOST_A_MINUTE)
        ),
        broker_url=Secret(broker),
    )
    if problems:
        raise Misconfigured("settings: " + "; ".join(problems))
    return settings


_BROKERS = ("amqp", "amqps", "redis", "rediss")

_OIDC = (
    "BRIDGE_OIDC_ISSUER",
    "BRIDGE_OIDC_CLIENT_ID",
    "BRIDGE_OIDC_CLIENT_SECRET",
    "BRIDGE_OIDC_ALLOWED",
)


def _wrong_with(oidc: OidcSettings) -> list[str]:
    """What keeps admins from signing in at the provider, or lets too many of them in."""
    given = (oidc.issuer, oidc.client_id, oidc.client_secret, oidc.allowed)
    if not any(given):
        return []
    if not all(given):
        return [f"{', '.join(_OIDC)} belong together: set all four"]
    wrong = []
    if not oidc.issuer.startswith("https:") and oidc.name not in ("localhost", "127.0.0.1", "::1"):
        wrong.append("BRIDGE_OIDC_ISSUER must be an https address")
    if any(each.count("@") != 1 or each.endswith("@") for each in oidc.allowed):
        wrong.append("BRIDGE_OIDC_ALLOWED must be e-mail addresses, or @domain, comma-separated")
    return wrong


def _is_broker(url: str) -> bool:
    try:
        parts = urlsplit(url)
        if parts.scheme not in _BROKERS or not parts.hostname or parts.port == 0:
            return False
    except ValueError:
        return False
    database = parts.path.strip("/")
    return parts.scheme.startswith("amqp") or not database or database.isdecimal()


def _with_driver(url: str) -> str:
    """Hosts hand out `postgres://`; SQLAlchemy wants the driver named."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url

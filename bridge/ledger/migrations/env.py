"""Run by alembic, over the connection that `bridge.ledger.migrate` hands it."""

from typing import Any, Literal

from alembic import context

from bridge.ledger.tables import Instant, metadata


def _name(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our own type is imported by name in each migration."""
    return repr(item) if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_name,
)
context.run_migrations()

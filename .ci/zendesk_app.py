"""Packs the sidebar app for one bridge, into `dist` or another folder:
`python .ci/zendesk_app.py https://bridge.example.org [folder]`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from bridge.helpdesks.zendesk import sidebar

WANTED = "Say where the bridge is: make zendesk-app BRIDGE_PUBLIC_URL=https://bridge.example.org"
HOME = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """0 when the archive was written, 1 with a reason for each thing that is wrong."""
    address = arguments[0] if arguments else ""
    if not address.startswith("https://"):
        print(WANTED)  # noqa: T201
        return 1
    version = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    try:
        files = sidebar.filled(sidebar.files_of(HOME / "zendesk-app"), address, version)
        archive = sidebar.packed(files)
    except sidebar.NotAnApp as error:
        print("\n".join(error.problems))  # noqa: T201
        return 1
    folder = Path(arguments[1]) if len(arguments) > 1 else HOME / "dist"
    folder.mkdir(exist_ok=True)
    target = folder / f"helpdesk-bridge-zendesk-app-{version}.zip"
    target.write_bytes(archive)
    print(f"{target}: {len(files)} files, {len(archive)} bytes, for {address}")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

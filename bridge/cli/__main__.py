"""`python -m bridge.cli` is `bridge`."""

from bridge.cli import main

main(prog_name="bridge")

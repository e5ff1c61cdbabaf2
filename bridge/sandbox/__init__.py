"""Stand-ins to try everything on, on this machine. Nothing in the bridge knows they exist."""

"""One module per network: stateless translation of its protocol, nothing else.

`contract` says what a channel is, `registry` finds the installed ones by entry point.
"""

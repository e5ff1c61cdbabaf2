"""A bounded soak on this machine: `python -m soak`, or `make soak ARGS="--seconds 300"`.

The processes of an installation, over a stand-in helpdesk and stand-in networks. Posts arrive and
agents answer at a steady rate, web and workers are killed in turn, the far sides misbehave. In the
end everything is counted: what was said, on both sides and in the ledger, must be there once.
"""

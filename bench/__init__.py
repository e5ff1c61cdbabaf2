"""How fast the service does what it exists for, what that costs, and how it grows: `make bench`.

Each subject is a module with `measure(ground) -> Chapter`; `SUBJECTS` names them in the order of
the report. Everything compared is measured side by side in one run on one machine, in rounds that
alternate, so that a busy moment of the machine hits all of them alike.
"""

SUBJECTS = ("accepting", "through", "calls", "costs", "growth", "storms", "fleet")

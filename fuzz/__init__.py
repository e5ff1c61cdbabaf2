"""Every parser of outside input, given what nobody would send on purpose.

`targets` says what each parser must keep to, `inputs` makes what it is given, `run` looks for long
and keeps what failed in tests/fixtures/fuzz/<target>/, where pytest tries it again for ever after.
"""

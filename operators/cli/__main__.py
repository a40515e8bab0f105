"""`python -m operators.cli`: the same as `parcours`."""

from operators.cli import program

program()

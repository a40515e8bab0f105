"""What the API is asked and answers, as types: the OpenAPI document is made from them, and clients read by them.

One module for each noun. The answers are those of the command line's `--json`; unknown keys are allowed for, since keys
are added freely.
"""

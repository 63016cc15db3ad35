"""The command line (命令行): reads arguments, calls a stage, prints what it answers.

One file a verb group. Nothing here decides anything: no SQL, no rule, no policy. Every listing takes `--json` and then prints
one JSON document on standard output and nothing else; progress and messages go to standard error. A user's error is one line
with its code and a next step, and the exit code tells its category (`quanmin.errors.exit_code`).
"""

from quanmin.cli.app import app, main

__all__ = ["app", "main"]

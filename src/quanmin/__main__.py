"""`python -m quanmin` is the command `quanmin`, and the other way round."""

from __future__ import annotations

from quanmin.loading import loading


def main() -> None:
    """Run a command, as `quanmin.cli.main` does."""
    with loading():
        from quanmin import cli
    cli.main()


if __name__ == "__main__":
    main()

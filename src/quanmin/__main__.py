"""`python -m quanmin` is the command `quanmin`."""

from quanmin.cli import main

if __name__ == "__main__":
    main()

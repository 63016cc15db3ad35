"""Write the table of expected decisions anew from the shipped policies. Look at its differences before you commit them."""

from __future__ import annotations

from quanmin.trust.policy import shipped
from quanmin.trust.policy.expected import computed, write

if __name__ == "__main__":
    write(computed(shipped()))

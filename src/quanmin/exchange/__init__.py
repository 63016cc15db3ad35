"""Exchange: agencies share by agreement, with proof.

Reads the lake through the gate and the agreements of the ledger; writes documents of the ledger (agreements, deliveries and
what belongs to them), the log of messages, and packages in the home. Promises that nothing leaves or is taken in without an
agreement in force, that whatever was sent or received can be proven with public keys alone, that a delivery arrives at least
once and counts once, and that a process killed at any moment loses nothing that was acknowledged.
"""

from quanmin.exchange.terms import Terms

__all__ = ["Terms"]

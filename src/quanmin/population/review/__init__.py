"""Clerical review: what the program may not decide waits for a person; people with two numbers become one, and two again.

Reads `linked.link`, `linked.person`, `linked.statement` and, through the gate, the records of a pair; writes only the ledger.
Promises: every decision has an actor and a reason, a sample is looked at twice, a merge can be undone and leaves the base
as it was, and each change is told in the history of the people whom it concerns.
"""

"""Requests: one record, many, or whether what is stated agrees; asked by a consumer, answered by a provider's node.

Reads the provider's lake through the gate, by the decision that the agreement gives. Promises that nothing is answered beyond the
agreed elements and rows, that every answer is in the audit before it leaves, and that no value is in a log or an error.
"""

from quanmin.exchange.request.answer import answered
from quanmin.exchange.request.ask import ask, asked

__all__ = ["answered", "ask", "asked"]

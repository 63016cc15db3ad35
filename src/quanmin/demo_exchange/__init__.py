"""The exchange on a simulated province: five ministries as five nodes in five processes, and the platform among them.

Reads the agencies' files of the demonstration; writes a home for each ministry beside the demo's, and through their nodes
agreements, deliveries and requests. Promises to leave no process behind.
"""

from quanmin.demo_exchange.ministry import MINISTRIES, Ministry, ministries
from quanmin.demo_exchange.story import Story, agree, tell, until

__all__ = ["MINISTRIES", "Ministry", "Story", "agree", "ministries", "tell", "until"]

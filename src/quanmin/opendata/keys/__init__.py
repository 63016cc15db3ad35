"""Keys of the data API: made by whoever has an account, shown once, counted, given up.

Reads and writes the proofs of identity of the ledger (a key is one, kept as a digest) and how often each key was used on a day.
Promises that a key cannot be read out of the store, that one given up is refused at once in this process and within seconds in
every other, and that counting costs no write a request.
"""

from quanmin.opendata.keys.key import MOST, Key, Keys, Use

__all__ = ["MOST", "Key", "Keys", "Use"]

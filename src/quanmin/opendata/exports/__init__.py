"""Exports: what a query of a table finds, however long, as a file that is kept and can be cited.

Reads the tables of the portal and writes files of its storage and documents of the ledger. Promises that an export tells the
query, the version of the record and the checksum it was made from, that nobody has more than a few under way, and that one whose
process died is made anew.
"""

from quanmin.opendata.exports.export import FORMATS, Export, ask, get, make, of, query_of

__all__ = ["FORMATS", "Export", "ask", "get", "make", "of", "query_of"]

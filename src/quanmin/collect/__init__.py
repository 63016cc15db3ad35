"""Collect: an agency's file becomes proven rows in the lake, and a receipt.

Reads the sent file and the standards; writes `raw.*`, `clean.*`, `quarantine.*` and the batch in the ledger. Promises that
every row of the file is accounted for (accepted + quarantined = read), that a batch is wholly in or wholly out, that the
same bytes sent twice are one batch, and that memory does not grow with the file.
"""

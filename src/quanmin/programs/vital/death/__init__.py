"""Deaths: the certificate with its chain of causes, edits on it, the underlying cause by rules, and how good the causes are.

Reads certificates in the form of `health.death` and the clean tables; keeps certificates, their corrections and the coder's
queue in the ledger. Promises that a cause is selected by a rule that is named, or by nobody but a coder.
"""

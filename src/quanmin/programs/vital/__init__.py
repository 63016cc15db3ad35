"""Vital events: birth certificates from the printed blank to the statistics, deaths and their causes, life tables.

The numbers of certificates stand in the ledger, each with one holder from printing to issue; births and deaths go into the
lake by `collect`. Promises that no number is issued twice, that no newborn has two valid certificates, and that every
correction stays.
"""

__all__: list[str] = []

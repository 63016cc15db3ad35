"""Templates: the items of the study's sharing table, ready to become agreements.

Reads its own files (`items/*.toml`, one an item) and the catalogue of standards; writes nothing. Promises that every template
names elements that its dataset has, its key among them, and that a cell which the study prints is told as it is printed.
"""

from quanmin.exchange.template.template import Template, template, templates, terms

__all__ = ["Template", "template", "templates", "terms"]

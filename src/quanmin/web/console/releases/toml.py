"""A recipe with its parts marked, for eyes: comments, names, texts, numbers. Everything in it is escaped by the formatter."""

from __future__ import annotations

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TOMLLexer


def marked(text: str) -> Markup:
    """The recipe as HTML: spans of the classes `toml-…`."""
    return Markup(highlight(text, TOMLLexer(), HtmlFormatter(nowrap=True, classprefix="toml-")))

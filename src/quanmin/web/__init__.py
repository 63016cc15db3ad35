"""The web: the console for the people who run an installation, and the public portal. Two faces of one server.

Reads through the same calls as the command line and `quanmin.connect`, as whoever signed in; writes nothing of its own.
Promises that every page works without JavaScript and has a `.json` twin made from the same view, that nothing is asked of another
host, that no page of somebody's is kept by a cache, and that what a person may not do is neither shown nor done.

A page is a function from an `Ask` to a `View`, registered with a `Face`; a form is a list of fields and a function from what was
posted. Everything else (languages, sign-in, errors, headers, caching, limits) is done once, here.
"""

from quanmin.web.server import application, serve

__all__ = ["application", "serve"]

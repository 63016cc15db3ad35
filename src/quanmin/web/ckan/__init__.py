"""The CKAN Action API at `/api/action` and `/api/3/action`: calls in, envelopes out. `opendata.ckan` does what they say.

Reads calls and writes answers. Promises that whoever calls is known by a token in a header and by nothing else (cookies are not
looked at, so that no other site can make a browser write), that no more of a call is read than may be, and that nothing is ever
redirected.
"""

from quanmin.web.ckan.face import own, refusing, routes

__all__ = ["own", "refusing", "routes"]

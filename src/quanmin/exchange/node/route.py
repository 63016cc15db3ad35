"""Which handler a method and a path are for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from quanmin.exchange.node.errors import NoSuchVerb
from quanmin.exchange.node.handler import BASE, HANDLERS, Handler

_PART = re.compile(r"\{(\w+)\}")


class Routes:
    """The handlers that were registered when it was made."""

    def __init__(self) -> None:
        plain = [one for one in HANDLERS.values() if "{" not in one.path]
        self._plain = {(one.method, BASE + one.path): one for one in plain}
        self._forms = [(_form(one), one) for one in HANDLERS.values() if "{" in one.path]

    def find(self, method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
        """The handler and the named parts of the path; NoSuchVerb."""
        found = self._plain.get((method, path))
        if found is not None:
            return found, {}
        for form, one in self._forms:
            fits = form.fullmatch(path) if one.method == method else None
            if fits is not None:
                return one, fits.groupdict()
        raise NoSuchVerb(method=method[:10], path=path[:100])


def _form(one: Handler) -> re.Pattern[str]:
    return re.compile(re.escape(BASE) + _PART.sub(r"(?P<\1>[A-Za-z0-9._~-]{1,128})", one.path))

"""Every kind of page that somebody can reach by links: one address for each pattern of path."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import APIRequestContext

_LINK = re.compile(r'<a\s[^>]*href="([^"#]+)')
_SKIP = re.compile(r"\.(json|csv|xlsx|txt|pem|crl|ndjson)(\?|$)|/download|/export|/template|/dictionary")


NAMED = ("datasets", "organisations", "themes", "areas", "series", "preview")
"""Words after which a name stands that may look like a word of a path."""


def pattern(path: str) -> str:
    """The kind of a page: numbers, codes and names of things left out."""
    words = [one for one in path.split("/") if one]
    words = [one if not at or words[at - 1] not in NAMED else "*" for at, one in enumerate(words)]
    return "/".join(
        word if word.replace("-", "").replace("_", "").isalpha() and "." not in word else "*" for word in words
    )


def reachable(request: APIRequestContext, start: str, within: str, most: int = 150) -> dict[str, str]:
    """Pattern → address, in the order in which they are found; a link that leads to an error is a failure."""
    found: dict[str, str] = {}
    waiting, seen = deque([start]), {start}
    while waiting and len(found) < most:
        address = waiting.popleft()
        kind = pattern(urlsplit(address).path)
        if kind in found:
            continue
        answer = request.get(address)
        assert answer.status == 200, f"{address} answers {answer.status}"
        found[kind] = address
        if "text/html" not in answer.headers.get("content-type", ""):
            del found[kind]
            continue
        for link in _LINK.findall(answer.text()):
            target = urljoin(address, link.replace("&amp;", "&"))
            parts = urlsplit(target)
            same = parts.netloc in ("", urlsplit(answer.url).netloc) and parts.path.startswith(within)
            if same and not _SKIP.search(parts.path) and target not in seen:
                seen.add(target)
                waiting.append(target)
    return found

"""What a provider grants is what was asked or less of it: fewer elements, rows, days and requests, and stricter conditions."""

from __future__ import annotations

from quanmin.exchange.agreement.errors import TermsWidened
from quanmin.exchange.terms import Terms
from quanmin.trust.policy.rows import chain

_FIXED = (
    *("item", "title_zh", "title_en", "provider", "consumer", "authority", "dataset", "purpose", "legal_basis"),
    *("initiative", "frequency", "content", "form"),
)
_STRICT = ("case", "sealed", "recall", "bodies")


def check(asked: Terms, granted: Terms) -> None:
    """TermsWidened names the fields in which more is granted than was asked."""
    wider = widened(asked, granted)
    if wider:
        raise TermsWidened(fields=", ".join(wider))


def widened(asked: Terms, granted: Terms) -> list[str]:
    """The fields in which `granted` is no part of `asked`."""
    found = [name for name in _FIXED if getattr(asked, name) != getattr(granted, name)]
    found += [name for name in _STRICT if getattr(asked, name) and not getattr(granted, name)]
    tests = {
        "elements": set(granted.elements) <= set(asked.elements),
        "operations": set(granted.operations) <= set(asked.operations),
        "mode": asked.mode in ("both", granted.mode),
        "onward": asked.onward or not granted.onward,
        "starts": asked.starts <= granted.starts,
        "until": granted.until <= asked.until,
        "region": asked.region is None or (granted.region is not None and asked.region in chain(granted.region)),
        "where": all(
            name in granted.where and set(granted.where[name]) <= set(asked.where[name]) for name in asked.where
        ),
        "quota": _within(asked.quota, granted.quota),
        "keep_days": _within(asked.keep_days, granted.keep_days),
    }
    return [*found, *(name for name, fits in tests.items() if not fits)]


def _within(asked: int | None, granted: int | None) -> bool:
    return asked is None or (granted is not None and granted <= asked)

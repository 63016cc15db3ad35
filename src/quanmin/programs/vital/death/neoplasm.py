"""Malignant neoplasms of several sites, none of them known as secondary: which may be the primary one.

ICD-10 volume 2 (rules on malignant neoplasms of multiple sites): a frequent site of metastases gives way to another site,
wherever on the certificate that stands; one of lymphoid, haematopoietic or related tissue counts in Part I only. What is left
is one site, or several between which only a coder can choose.
"""

from __future__ import annotations

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.chain import LETTERS, Chain, Mention

_SITES = icd.spans(("C00-C75", "C81-C96"))
_LYMPHOID = icd.spans(("C81-C96",))


def primaries(code: str, whole: Chain, metastatic: tuple[icd.Span, ...]) -> tuple[str, ...]:
    """The codes that may be the primary neoplasm, one a category, and `code` alone where it is no neoplasm of a site."""
    if not icd.within(code, _SITES):
        return (code,)
    first = {code[:3]: code}
    for one in whole.mentions():
        if _counts(one):
            first.setdefault(one.code[:3], one.code)
    kept = tuple(one for one in first.values() if not icd.within(one, metastatic))
    return kept or tuple(first.values())


def _counts(one: Mention) -> bool:
    """Whether a condition is a malignant neoplasm of a site that is looked at."""
    return icd.within(one.code, _SITES) and (one.line < len(LETTERS) or not icd.within(one.code, _LYMPHOID))

"""Masks: what is shown of a value that must not be shown.

Each has a plain form for one value and one for a column; generated tests hold the two together. Missing stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards
from quanmin.trust.column import Form

STAR = "*"


def mask_name(name: str) -> str:
    """李明 → 李*, 欧阳娜娜 → 欧***: the first character, and a star for every other one."""
    return name[:1] + STAR * max(1, len(name) - 1) if name else STAR


def mask_number(number: str) -> str:
    """11010519491231002X → 110105************: the region in front; a shorter one keeps only its last two.

    The usual mask, six in front and four at the end, hides nothing but the birth date: beside the date itself, or the age, it
    is the whole number. Without its end the number is one of a thousand people's even to who knows region and date.
    """
    if len(number) < 15:
        return STAR * max(4, len(number) - 2) + number[-2:] if len(number) > 4 else STAR * 4
    return number[:6] + STAR * (len(number) - 6)


def mask_phone(phone: str) -> str:
    """13800138000 → 138****8000; a short one is all stars."""
    return phone[:3] + STAR * (len(phone) - 7) + phone[-4:] if len(phone) >= 8 else STAR * len(phone)


def mask_address(address: str) -> str:
    """山东省济南市历下区经十路 1 号 → 山东省***: of an address as of a division's code only the province stays.

    What is finer cannot be told by its sign: the last 区, 市 or 县 of an address is often that of an estate or a shop (小区,
    超市). An address that does not begin with a province is three stars.
    """
    return next((name for name in provinces() if address.startswith(name)), "") + STAR * 3


def provinces() -> tuple[str, ...]:
    """What an address may show: the provinces of the dated table of divisions."""
    return standards.catalogue().regions.provinces


def mask_region(code: str) -> str:
    """110105 → 11****."""
    return code[:2] + STAR * max(0, len(code) - 2)


def mask_date(text: str) -> str:
    """1949-12-31 → 1949-**-**."""
    return f"{text[:4]}-**-**"


def mask_code(_code: str) -> str:
    """A code is three stars: its length would tell."""
    return STAR * 3


def mask_other(_value: str) -> str:
    """Everything else is three stars."""
    return STAR * 3


MASKS: dict[Form, Callable[[str], str]] = {
    "person_key": mask_number,
    "number": mask_number,
    "name": mask_name,
    "phone": mask_phone,
    "address": mask_address,
    "region": mask_region,
    "date": mask_date,
    "code": mask_code,
    "other": mask_other,
}


def mask(form: Form, values: pa.Array) -> pa.Array:
    """A column of masked text."""
    text = values.cast(pa.string())
    match form:
        case "name":
            return _name(text)
        case "number" | "person_key":
            return _number(text)
        case "phone":
            return _phone(text)
        case "address":
            return _address(text)
        case "region":
            return _stars(pc.utf8_slice_codeunits(text, 0, 2), pc.max_element_wise(_rest(text, 2), 0), None)
        case "date":
            return pc.binary_join_element_wise(pc.utf8_slice_codeunits(text, 0, 4), "-**-**", "")
        case "code" | "other":
            return pc.if_else(pc.is_valid(text), pa.scalar(STAR * 3), pa.scalar(None, pa.string()))


def _rest(text: pa.Array, taken: int) -> pa.Array:
    return pc.subtract(pc.utf8_length(text), taken)


def _stars(front: pa.Array, count: pa.Array, end: pa.Array | None) -> pa.Array:
    stars = pc.binary_repeat(STAR, count)
    return pc.binary_join_element_wise(front, stars, *([end] if end is not None else []), "")


def _name(text: pa.Array) -> pa.Array:
    return _stars(pc.utf8_slice_codeunits(text, 0, 1), pc.max_element_wise(_rest(text, 1), 1), None)


def _number(text: pa.Array) -> pa.Array:
    length = pc.utf8_length(text)
    long = _stars(pc.utf8_slice_codeunits(text, 0, 6), pc.max_element_wise(_rest(text, 6), 0), None)
    short = _stars(pa.scalar(""), pc.max_element_wise(_rest(text, 2), 4), pc.utf8_slice_codeunits(text, -2))
    tiny = pc.if_else(pc.is_valid(text), pa.scalar(STAR * 4), pa.scalar(None, pa.string()))
    return pc.if_else(pc.less(length, 15), pc.if_else(pc.greater(length, 4), short, tiny), long)


def _phone(text: pa.Array) -> pa.Array:
    length = pc.utf8_length(text)
    long = _stars(
        pc.utf8_slice_codeunits(text, 0, 3), pc.max_element_wise(_rest(text, 7), 0), pc.utf8_slice_codeunits(text, -4)
    )
    return pc.if_else(pc.less(length, 8), pc.binary_repeat(STAR, length), long)


def _address(text: pa.Array) -> pa.Array:
    names = "|".join(map(re.escape, provinces()))
    found = pc.extract_regex(text, f"^(?P<front>{names})")
    front = pc.coalesce(pc.struct_field(found, "front"), pa.scalar(""))
    masked = pc.binary_join_element_wise(front, STAR * 3, "")
    return pc.if_else(pc.is_valid(text), masked, pa.scalar(None, pa.string()))

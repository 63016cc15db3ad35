"""Which code points are written without spaces, all at once as one by one."""

from __future__ import annotations

from quanmin.opendata.catalogue import folding


def test_the_signs_of_all_code_points_are_those_of_each() -> None:
    known = folding.signs(0x30000).tolist()
    assert known == [folding.is_sign(code) for code in range(0x30000)]
    assert known[ord("医")] and not known[ord("A")] and sum(known) > 60_000

"""How often each kind of error is put into the files."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class ErrorRates:
    """Shares of the records of a source that get an error of a kind (a record gets at most one).

    `after_death` and `other_death_date` are shares of the records of the dead; `shared_number` is the share of people who
    are given another person's number. The benchmark gets `benchmark` times the rates of the other sources.
    """

    mistyped_number: float = 0.002
    transposed_number: float = 0.001
    missing_number: float = 0.001
    old_number: float = 0.003
    lower_case: float = 0.01
    full_width: float = 0.002
    wrong_character: float = 0.002
    variant_character: float = 0.001
    former_name: float = 0.1
    wrong_sex: float = 0.002
    swapped_birth_date: float = 0.002
    wrong_region: float = 0.001
    abolished_region: float = 0.001
    bad_code: float = 0.001
    missing_value: float = 0.001
    impossible_date: float = 0.0005
    future_date: float = 0.0005
    duplicate: float = 0.001
    after_death: float = 0.03
    other_death_date: float = 0.03
    shared_number: float = 0.0002
    benchmark: float = 0.25

    @classmethod
    def none(cls) -> ErrorRates:
        """No errors at all."""
        return replace(cls(), **{field.name: 0.0 for field in fields(cls)})

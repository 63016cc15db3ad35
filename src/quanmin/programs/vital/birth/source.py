"""What births, people and families are read from: SQL over the lake's tables, with one column for each thing that is asked.

Numbers of mothers, fathers and children are keys as everywhere; one that failed its check digit is no number. Columns that a
table of an older standard lacks are null.
"""

from __future__ import annotations

from quanmin.lake.session import Session
from quanmin.population.tables import PERSON
from quanmin.programs.vital.birth.card import DATASET, STANDING

REGISTER, WHOLE = "public_security.household_registration", "health.whole_population"
HISTORY, SCHEME = "health.childbirth_history", "health.ncms_enrolment"
_BIRTH = {
    "certificate_no": "VARCHAR",
    "standing": "VARCHAR",
    "name": "VARCHAR",
    "sex": "VARCHAR",
    "birth_date": "DATE",
    "birth_time": "VARCHAR",
    "birth_place": "VARCHAR",
    "mother_name": "VARCHAR",
    "mother_number": "VARCHAR",
    "mother_document_no": "VARCHAR",
    "father_number": "VARCHAR",
    "institution_code": "VARCHAR",
    "institution_name": "VARCHAR",
    "issued_on": "DATE",
    "person_key": "BIGINT",
    "_flags": "VARCHAR",
    "_source": "VARCHAR",
    "_batch": "BIGINT",
    "_row": "BIGINT",
}


def live(session: Session, dataset: str, columns: dict[str, str]) -> str:
    """SQL of these columns of the live rows of a dataset; no rows where it was never collected."""
    if not session.exists(f"clean.{dataset}"):
        return f"(SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE false)"
    held = set(session.schema(f"clean.{dataset}").names)
    chosen = [name if name in held else f"NULL::{kind} AS {name}" for name, kind in columns.items()]
    return f"(SELECT {', '.join(chosen)} FROM {session.live(dataset)} AS r)"


def key(element: str) -> str:
    """SQL of the key of a citizen number, null for one whose form or check digit failed."""
    flagged = f"contains(' ' || coalesce(_flags, ''), ' {element}.')"
    return f"CASE WHEN length({element}) = 18 AND NOT {flagged} THEN TRY_CAST(left({element}, 17) AS BIGINT) END"


def births(session: Session) -> str:
    """SQL of the births that count: their elements, `mother_key` and `father_key`."""
    rows = live(session, DATASET, _BIRTH)
    return (
        f"(SELECT *, {key('mother_number')} AS mother_key, {key('father_number')} AS father_key "
        f"FROM {rows} AS b WHERE {STANDING})"
    )


def people(session: Session) -> str:
    """SQL of the base: `person_key`, name, sex, days of birth and death; nobody where no base was built."""
    columns = {"person_key": "BIGINT", "name": "VARCHAR", "sex": "VARCHAR", "birth_date": "DATE", "death_date": "DATE"}
    if not session.exists(PERSON):
        return f"(SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE false)"
    return f"(SELECT {', '.join(columns)} FROM {session.relation(PERSON)} AS p)"


def households(session: Session) -> str:
    """SQL of who lives where: `person_key` and `home`, by the register and by the whole-population records."""
    text = {"person_key": "BIGINT"}
    register = live(session, REGISTER, {**text, "household_no": "VARCHAR"})
    whole = live(session, WHOLE, {**text, "household_code": "VARCHAR"})
    return (
        f"(SELECT DISTINCT person_key, 'r' || household_no AS home FROM {register} WHERE person_key IS NOT NULL "
        f"AND household_no IS NOT NULL UNION ALL SELECT DISTINCT person_key, 'w' || household_code FROM {whole} "
        "WHERE person_key IS NOT NULL AND household_code IS NOT NULL)"
    )


def histories(session: Session) -> str:
    """SQL of which child's number a woman's history names: `mother_key`, `child_key` and the day of birth."""
    columns = {"person_key": "BIGINT", "child_number": "VARCHAR", "child_birth_date": "DATE", "_flags": "VARCHAR"}
    rows = live(session, HISTORY, columns)
    return (
        f"(SELECT DISTINCT person_key AS mother_key, {key('child_number')} AS child_key, child_birth_date AS birth_date "
        f"FROM {rows} WHERE person_key IS NOT NULL AND {key('child_number')} IS NOT NULL)"
    )

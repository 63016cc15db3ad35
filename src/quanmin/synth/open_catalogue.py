"""A simulated open catalogue: DCAT documents in Chinese and English, as many as asked for, for tests and measurements.

The same seed gives the same documents; document `n` does not depend on how many are made.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from pypinyin import lazy_pinyin

from quanmin import standards
from quanmin.synth.open_subject import GROUPS, MEASURES, PUBLISHERS, SENTENCES, SUBJECTS, Pair, Subject

FIRST_YEAR, LAST_DAY = 2009, date(2026, 6, 30)
_FORMATS = ("csv", "xlsx", "json", "parquet", "xml", "geojson", "pdf", "api", "png", "mp4")
_FORMAT_WEIGHTS = (40, 25, 20, 5, 8, 6, 8, 6, 2, 1)
_LICENCES = ("cc-by", "cc-zero", "mulan-owl-by", "odc-by", "cc-by-nc", "platform-terms")
_ACCESS = ("public", "registered", "application", "closed")
_FREQUENCIES = ("ANNUAL", "MONTHLY", "QUARTERLY", "DAILY", "IRREG", "CONT", "NEVER")
_HEALTH = 0.6  # of the datasets that are about health, at least


def documents(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The first `count` documents of a seed."""
    for number in range(count):
        yield document(number, seed)


def document(number: int, seed: int = 1) -> dict[str, Any]:
    """Document `number` of a seed."""
    rng = random.Random(f"open catalogue {seed} {number}")
    subject = rng.choice([one for one in SUBJECTS if one.theme == "HEAL"] if rng.random() < _HEALTH else SUBJECTS)
    measure, group, office = rng.choice(MEASURES), rng.choice(GROUPS), rng.choice(PUBLISHERS)
    code, place = rng.choice(places())
    issued = date(FIRST_YEAR, 1, 1) + timedelta(days=rng.randrange((LAST_DAY - date(FIRST_YEAR, 1, 1)).days))
    modified = issued + timedelta(days=int((LAST_DAY - issued).days * rng.random()))
    words = {"region": place, "subject": subject, "measure": measure, "group": group, "publisher": office}
    year = issued.year - 1
    publisher = Pair(place.zh + office.zh, f"{place.en} {office.en}")
    return {
        "@type": "dcat:Dataset",
        "dct:identifier": hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:32],
        "quanmin:name": f"{_name(subject)}-{measure.en.replace(' ', '-')}-{code}-{year}-{number}",
        "dct:title": _title(rng, number, year, subject, words),
        "dct:description": _description(rng, year, words),
        "dcat:keyword": {"zh": [subject.zh, measure.zh, place.zh], "en": [subject.en, measure.en]},
        "dct:publisher": {
            "@type": "foaf:Agent",
            "dct:identifier": f"{code}-{PUBLISHERS.index(office)}",
            "foaf:name": publisher._asdict(),
        },
        "quanmin:access": rng.choices(_ACCESS, (80, 10, 6, 4))[0],
        "dcat:theme": [subject.theme],
        "quanmin:area": [subject.area] if subject.area else [],
        "dct:accrualPeriodicity": rng.choice(_FREQUENCIES),
        "dct:temporal": [{"dcat:startDate": f"{year}-01-01", "dcat:endDate": f"{year}-12-31"}],
        "dct:spatial": [{"dct:identifier": code, "skos:prefLabel": place._asdict()}],
        "dct:issued": issued.isoformat(),
        "dct:modified": modified.isoformat(),
        "dcat:version": f"1.{rng.randrange(20)}",
        "dcat:distribution": _distributions(rng, number),
    }


def _name(subject: Subject) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in subject.en.lower())


def _title(rng: random.Random, number: int, year: int, subject: Subject, words: dict[str, Any]) -> dict[str, str]:
    place, measure, group = words["region"], words["measure"], words["group"]
    code = Pair(f"（ICD-10 {subject.code}）", f" (ICD-10 {subject.code})") if subject.code else Pair("", "")
    quoted = code if rng.random() < 0.3 else Pair("", "")
    series = f" 第{number}号" if rng.random() < 0.05 else ""
    zh = f"{place.zh}{year}年{group.zh}{subject.zh}{measure.zh}{quoted.zh}{series}"
    en = f"{measure.en.capitalize()} of {subject.en}{' ' + group.en if group.en else ''} in {place.en}, {year}{quoted.en}"
    return {"zh": zh, "en": en}


def _description(rng: random.Random, year: int, words: dict[str, Any]) -> dict[str, str]:
    chosen = [SENTENCES[0], *rng.sample(SENTENCES[1:], rng.randrange(1, len(SENTENCES)))]
    said = {}
    for place, language in enumerate(("zh", "en")):
        spoken = {name: word[place] for name, word in words.items()} | {"year": year}
        joint = "" if language == "zh" else " "
        said[language] = " ".join(joint.join(one[place].format(**spoken) for one in chosen).split())
    return said


def _distributions(rng: random.Random, number: int) -> list[dict[str, Any]]:
    formats = dict.fromkeys(rng.choices(_FORMATS, _FORMAT_WEIGHTS, k=rng.randrange(1, 4)))
    licence = rng.choices(_LICENCES, (50, 10, 15, 10, 5, 10))[0]
    return [
        {
            "dct:identifier": f"{number}-{one}",
            "dcat:accessURL": f"/data/{number}/{one}",
            "dct:format": one,
            "dct:license": licence,
            "dcat:byteSize": rng.randrange(1_000, 10**8),
            "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": f"{rng.getrandbits(256):064x}"},
        }
        for one in formats
    ]


@cache
def places() -> list[tuple[str, Pair]]:
    """Provinces, cities and counties of the table of divisions with their codes, in the last year of it."""
    table = standards.catalogue().regions
    found = {}
    for one in table.rows:
        if one.valid_to is None and not one.identity and not one.code.startswith("0"):
            found[one.code] = Pair(one.name, "".join(lazy_pinyin(one.name)).capitalize())
    return sorted(found.items())

"""Causes of death in classes: the chapters of ICD-10, and the list of leading causes of Chinese health statistics.

The list follows the table "mortality and composition of major diseases" of the China Health Statistics Yearbook; cancers are one
class, as there. A code without a class, or none, is "unknown". Classes do not overlap, so that shares add up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from quanmin.text import Text


class Class(NamedTuple):
    """A class of causes: ranges of three-character codes, both ends included."""

    id: str
    title: Text
    ranges: tuple[tuple[str, str], ...]

    def holds(self, code: str) -> bool:
        """Whether a code of ICD-10 is in it."""
        return any(first <= code[:3] <= last for first, last in self.ranges)


CHAPTERS = (
    Class("I", Text("传染病和寄生虫病", "infectious and parasitic diseases"), (("A00", "B99"),)),
    Class("II", Text("肿瘤", "neoplasms"), (("C00", "D48"),)),
    Class("III", Text("血液及免疫疾病", "blood and immune disorders"), (("D50", "D89"),)),
    Class("IV", Text("内分泌、营养和代谢疾病", "endocrine, nutritional, metabolic"), (("E00", "E90"),)),
    Class("V", Text("精神和行为障碍", "mental and behavioural disorders"), (("F00", "F99"),)),
    Class("VI", Text("神经系统疾病", "nervous system"), (("G00", "G99"),)),
    Class("VII", Text("眼和附器疾病", "eye"), (("H00", "H59"),)),
    Class("VIII", Text("耳和乳突疾病", "ear"), (("H60", "H95"),)),
    Class("IX", Text("循环系统疾病", "circulatory system"), (("I00", "I99"),)),
    Class("X", Text("呼吸系统疾病", "respiratory system"), (("J00", "J99"),)),
    Class("XI", Text("消化系统疾病", "digestive system"), (("K00", "K93"),)),
    Class("XII", Text("皮肤疾病", "skin"), (("L00", "L99"),)),
    Class("XIII", Text("肌肉骨骼疾病", "musculoskeletal system"), (("M00", "M99"),)),
    Class("XIV", Text("泌尿生殖系统疾病", "genitourinary system"), (("N00", "N99"),)),
    Class("XV", Text("妊娠、分娩和产褥期", "pregnancy and childbirth"), (("O00", "O99"),)),
    Class("XVI", Text("围生期疾病", "perinatal conditions"), (("P00", "P96"),)),
    Class("XVII", Text("先天性畸形", "congenital malformations"), (("Q00", "Q99"),)),
    Class("XVIII", Text("症状和体征，原因不明", "symptoms, ill-defined"), (("R00", "R99"),)),
    Class("XX", Text("损伤和中毒的外部原因", "external causes"), (("V01", "Y98"),)),
    Class("XXII", Text("特殊目的编码", "codes for special purposes"), (("U00", "U99"),)),
)

LEADING = (
    Class("neoplasm", Text("恶性肿瘤", "malignant neoplasms"), (("C00", "C97"),)),
    Class(
        "heart",
        Text("心脏病", "heart diseases"),
        (("I00", "I09"), ("I11", "I11"), ("I13", "I13"), ("I20", "I27"), ("I30", "I52")),
    ),
    Class("stroke", Text("脑血管病", "cerebrovascular diseases"), (("I60", "I69"),)),
    Class(
        "hypertension",
        Text("其他高血压病", "other hypertensive diseases"),
        (("I10", "I10"), ("I12", "I12"), ("I15", "I15")),
    ),
    Class("respiratory", Text("呼吸系统疾病", "respiratory diseases"), (("J00", "J98"),)),
    Class("external", Text("损伤和中毒", "injury and poisoning"), (("V01", "Y89"),)),
    Class("metabolic", Text("内分泌、营养和代谢疾病", "endocrine, nutritional, metabolic"), (("E00", "E88"),)),
    Class("digestive", Text("消化系统疾病", "digestive diseases"), (("K00", "K92"),)),
    Class("nervous", Text("神经系统疾病", "nervous system diseases"), (("G00", "G98"),)),
    Class("genitourinary", Text("泌尿生殖系统疾病", "genitourinary diseases"), (("N00", "N98"),)),
    Class("infectious", Text("传染病", "infectious diseases"), (("A00", "B99"),)),
    Class("perinatal", Text("围生期疾病", "perinatal conditions"), (("P00", "P96"),)),
    Class("congenital", Text("先天性畸形", "congenital malformations"), (("Q00", "Q99"),)),
    Class("mental", Text("精神障碍", "mental disorders"), (("F01", "F99"),)),
    Class("blood", Text("血液及免疫疾病", "blood and immune disorders"), (("D50", "D89"),)),
    Class("benign", Text("其他肿瘤", "other neoplasms"), (("D00", "D48"),)),
    Class("maternal", Text("妊娠、分娩和产褥期", "pregnancy and childbirth"), (("O00", "O99"),)),
    Class("musculoskeletal", Text("肌肉骨骼疾病", "musculoskeletal diseases"), (("M00", "M99"),)),
    Class("undefined", Text("诊断不明", "ill-defined"), (("R00", "R99"),)),
)
UNKNOWN = Class("unknown", Text("未填或无法归类", "not stated or in no class"), ())
_MATERNAL = Class("", Text("", ""), (("A34", "A34"), ("O00", "O95"), ("O98", "O99")))


@lru_cache(4096)
def chapter(code: str | None) -> Class:
    """The chapter of a code."""
    return next((one for one in CHAPTERS if code and one.holds(code)), UNKNOWN)


@lru_cache(4096)
def leading(code: str | None) -> Class:
    """The class of the leading list of a code."""
    return next((one for one in LEADING if code and one.holds(code)), UNKNOWN)


def maternal(code: str | None) -> bool:
    """Whether a code counts as a maternal death: O00-O95, O98-O99 and A34; late ones and sequelae do not (ICD-10, volume 2)."""
    return bool(code) and _MATERNAL.holds(str(code))


def undefined(code: str | None) -> bool:
    """Whether a cause is ill-defined: a symptom or sign of chapter XVIII, or none at all."""
    return not code or code.startswith("R")

"""The underlying cause of death, by the steps of ICD-10 volume 2 (2016), section 4.2, each told with its reason.

SP1 to SP8 find the starting point, M1 to M3 change it, M4 names the first injury beside an external cause. The tables of
causes and of changes are our own and cover a part of what the volume says: where a step would rest on a pair that they do not
cover, nobody guesses, and the certificate goes to a coder (`Selection.queued` says why). What of all this was compared with a
printed text, and what is from memory, is told in docs/deaths.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from quanmin.programs.vital.death import icd, neoplasm
from quanmin.programs.vital.death.certificate import FEMALE, Certificate
from quanmin.programs.vital.death.chain import LETTERS, Chain, Line, Mention
from quanmin.programs.vital.death.edit import EXTERNAL, INJURY
from quanmin.programs.vital.death.limit import limits
from quanmin.programs.vital.death.modification import Beside, modification
from quanmin.programs.vital.death.relation import obviously_due, relation
from quanmin.text import Text

Rule = Literal["SP1", "SP2", "SP3", "SP4", "SP5", "SP6", "SP7", "SP8", "M1", "M2", "M3", "M4"]
Why = Literal["code", "asterisk", "relation", "external", "maternal", "neoplasm", "procedure", "turning"]
PART_TWO = len(LETTERS)
_MOST = 12
_PROCEDURE = icd.spans(("Y40-Y84",))
_MATERNAL = icd.spans(("O00-O99", "A34", "F53", "M83.0", "B20-B24", "C58", "D39.2", "E23.0"))
_NATURAL = icd.spans(("A00-R99", "U00-U99"))
_SITE = Text("常见转移部位让位于另一部位", "a frequent site of metastases gives way to the other site")

RULES: dict[Rule, Text] = {
    "SP1": Text("只填一个死因", "only one condition is on the certificate"),
    "SP2": Text("只用了一行：取其首个", "only one line is used: its first condition"),
    "SP3": Text("总原则：最低一行首个死因可引起上方全部", "the first on the lowest used line can cause all above it"),
    "SP4": Text("取首个因果链的起点", "the start of the first-mentioned sequence that ends in the terminal condition"),
    "SP5": Text(
        "无因果链：取直接死因（首个）", "there is no sequence: the terminal condition, which is mentioned first"
    ),
    "SP6": Text("明显由证明上另一疾病引起", "it is obviously due to another condition on the certificate"),
    "SP7": Text("不明确的情况不计，重新选择", "ill-defined conditions are put aside and the steps begin anew"),
    "SP8": Text(
        "不太可能致死的情况不计，重新选择", "conditions that hardly kill are put aside and the steps begin anew"
    ),
    "M1": Text("与另一疾病合并编码", "it is linked with another condition on the certificate"),
    "M2": Text("取更具体的疾病", "a more specific condition on the certificate says the same"),
    "M3": Text("再次核对SP6、M1、M2", "steps SP6, M1 and M2 are asked again"),
    "M4": Text(
        "外部原因为根本死因，另注主要损伤", "the external cause is the underlying one, with the main injury beside it"
    ),
}
WHY: dict[Why, Text] = {
    "code": Text("有不存在或缺失的编码", "a code is missing or does not exist"),
    "asterisk": Text("选出的是星号编码，须改用剑号编码", "an asterisk code was reached, and the dagger code is needed"),
    "relation": Text("因果表未覆盖此对疾病", "the table of causes does not cover a pair of conditions"),
    "external": Text("损伤中毒缺外部原因", "an injury or poisoning without its external cause"),
    "maternal": Text("妊娠相关死亡，须人工编码", "a death in or after pregnancy, which a person must code"),
    "neoplasm": Text(
        "多个部位恶性肿瘤，原发部位不明", "malignant neoplasms of several sites, and which is primary is not said"
    ),
    "procedure": Text(
        "涉及医疗操作或药物不良反应，须人工编码", "a procedure or a drug is involved, which a person must code"
    ),
    "turning": Text("规则循环，须人工编码", "the rules turn in a circle, so a person must code"),
}


class Step(NamedTuple):
    """One step that was taken: its rule, the cause after it, the condition it came from or was compared with, and words."""

    rule: Rule
    code: str
    before: str | None
    words: Text


class Doubt(NamedTuple):
    """Why nobody but a coder can decide; `effect` and `cause` are the pair that is not covered, or two sites of neoplasms."""

    why: Why
    effect: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Selection:
    """The underlying cause and how it was found; `code` is None for a certificate that goes to a coder, and `queued` says why."""

    code: str | None
    steps: tuple[Step, ...]
    queued: Doubt | None = None
    injury: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "code": self.code,
            "title": icd.title(self.code) if self.code else None,
            "injury": self.injury,
            "steps": [
                {"rule": one.rule, "code": one.code, "before": one.before, "words": one.words} for one in self.steps
            ],
            "queued": None
            if self.queued is None
            else {
                "why": self.queued.why,
                "words": WHY[self.queued.why],
                "effect": self.queued.effect,
                "cause": self.queued.cause,
            },
        }


class _Stop(Exception):
    """A coder has to decide."""

    def __init__(self, why: Why, effect: str | None = None, cause: str | None = None) -> None:
        super().__init__(why)
        self.doubt = Doubt(why, effect, cause)


@dataclass
class _Course:
    """One selection as it goes: the chain that still counts, and the steps so far."""

    chain: Chain
    steps: list[Step] = field(default_factory=list)

    def take(self, rule: Rule, code: str, before: str | None = None, words: Text | None = None) -> None:
        """Note a step."""
        self.steps.append(Step(rule, code, before, words or RULES[rule]))


def select(certificate: Certificate) -> Selection:
    """The underlying cause of one certificate, or why a coder must select it. A stated underlying cause is not looked at."""
    course = _Course(certificate.chain)
    try:
        _usable(certificate.chain)
        code = _modified(course, certificate.chain, _start(course))
        injury = _main_injury(course, certificate, code)
        return Selection(code, tuple(course.steps), None, injury)
    except _Stop as stop:
        return Selection(None, tuple(course.steps), stop.doubt)


def _usable(chain: Chain) -> None:
    """Every line has codes that exist, and there is one at all."""
    for line in chain.every():
        if (line.text and not line.codes) or any(not icd.exists(code) for code in line.codes):
            raise _Stop("code")
    if not chain.mentions():
        raise _Stop("code")


# The starting point


def _start(course: _Course) -> Mention:
    """Steps SP1 to SP8."""
    lists = modification()
    for _ in range(_MOST):
        found = _obvious(course, _sequence(course), course.chain.mentions())
        rule = _aside(found, course.chain)
        if rule is None:
            return found
        course.chain = _without(course.chain, lists.ill_defined if rule == "SP7" else lists.unlikely)
        course.take(rule, found.code)
    raise _Stop("turning")


def _aside(found: Mention, chain: Chain) -> Rule | None:
    """Steps SP7 and SP8: whether a starting point is put aside, which something better must be there for."""
    lists, codes = modification(), [one.code for one in chain.mentions()]
    likely = [code for code in codes if not icd.within(code, lists.unlikely)]
    if icd.within(found.code, lists.ill_defined):
        return "SP7" if any(not icd.within(code, lists.ill_defined) for code in likely) else None
    return "SP8" if icd.within(found.code, lists.unlikely) and likely else None


def _sequence(course: _Course) -> Mention:
    """Steps SP1 to SP5."""
    every = course.chain.mentions()
    part_one = [one for one in every if one.line < PART_TWO]
    lines = sorted({one.line for one in part_one})
    if len(every) == 1:
        return _taken(course, "SP1", every[0])
    if len(lines) <= 1:
        return _taken(course, "SP2", (part_one or every)[0])
    lowest = next(one for one in part_one if one.line == lines[-1])
    above = [[one for one in part_one if one.line == line] for line in lines[:-1]]
    covered = _causes_all(course.chain, lowest, above)
    if covered is True:
        return _taken(course, "SP3", lowest)
    if isinstance(covered, tuple):
        raise _Stop("relation", covered[0].code, covered[1].code)
    terminal = above[0][0]
    found = _first_sequence(course.chain, terminal, part_one, lines)
    return _taken(course, "SP5", terminal) if found is None else _taken(course, "SP4", found, terminal.code)


def _taken(course: _Course, rule: Rule, found: Mention, before: str | None = None) -> Mention:
    course.take(rule, found.code, before)
    return found


def _due(chain: Chain, effect: Mention, cause: Mention) -> bool | None:
    """Whether a condition may be due to another; never to one that began after it (volume 2, stated dates of onset)."""
    if effect.line < PART_TWO and cause.line < PART_TWO:
        above, below = chain.lines[effect.line].interval, chain.lines[cause.line].interval
        if above is not None and below is not None and below.widest <= above.hours:
            return False
    return relation().may_be_due(effect.code, cause.code)


def _causes_all(chain: Chain, lowest: Mention, above: Sequence[Sequence[Mention]]) -> bool | tuple[Mention, Mention]:
    """Step SP3: True or False, or the pair that would have to be known.

    A cause may work through what stands between: what is established below a condition counts as its cause too.
    """
    established, unknown = [lowest], None
    for line in reversed(above):
        reached = []
        for effect in line:
            direct = _due(chain, effect, lowest)
            through = [_due(chain, effect, cause) for cause in established[1:]]
            if direct is False and not any(through):
                return False
            if direct is True or any(through):
                reached.append(effect)
            elif unknown is None:
                unknown = (effect, lowest)
        established += reached
    return True if unknown is None else unknown


def _first_sequence(
    chain: Chain, terminal: Mention, part_one: Sequence[Mention], lines: Sequence[int]
) -> Mention | None:
    """Step SP4: where the first-mentioned sequence that ends in the terminal condition begins; None where there is none.

    A sequence runs over successive used lines, on each the first condition that may cause the one above.
    """
    at = terminal
    for line in lines[1:]:
        for cause in (one for one in part_one if one.line == line):
            due = _due(chain, at, cause)
            if due is None:
                raise _Stop("relation", at.code, cause.code)
            if due:
                at = cause
                break
        else:
            break
    return None if at is terminal else at


def _obvious(course: _Course, found: Mention, every: Sequence[Mention]) -> Mention:
    """Step SP6, again and again: what is obviously due to a condition on its line, below it or in Part II gives way to it."""
    for _ in range(_MOST):
        others = [one for one in every if one.line >= found.line and one != found]
        better = next(((one, line) for one in others if (line := obviously_due(found.code, one.code))), None)
        if better is None:
            return found
        course.take("SP6", better[0].code, found.code, better[1].why)
        found = better[0]
    raise _Stop("turning")


def _without(chain: Chain, codes: tuple[icd.Span, ...]) -> Chain:
    """The chain as if some conditions had not been reported."""

    def kept(line: Line) -> Line:
        return replace(line, codes=tuple(code for code in line.conditions if not icd.within(code, codes)))

    a, b, c, d = (kept(line) for line in chain.lines)
    return Chain((a, b, c, d), kept(chain.other))


# What changes it


def _modified(course: _Course, whole: Chain, start: Mention) -> str:
    """Steps M1 to M3: linked and specific causes, and again SP6 after every change."""
    code, lists, every = start.code, modification(), whole.mentions()
    beside = _beside(whole, start)
    for turn in range(_MOST):
        linked = lists.linkage(code, beside)
        if linked is not None:
            course.take("M1", linked, code)
        specific = lists.specificity(linked or code, beside.every)
        if specific is not None:
            course.take("M2", specific, linked or code)
        after = _primary(course, whole, specific or linked or code)
        at = next((one for one in every if one.code == after), start)
        again = _obvious(course, at._replace(code=after), every).code
        if again == code:
            if turn > 1:
                course.take("M3", code)
            return code
        code = again
    raise _Stop("turning")


def _beside(whole: Chain, start: Mention) -> Beside:
    """The other conditions as a change looks at them."""
    others = [one for one in whole.mentions() if one != start]
    above = [one for one in others if one.line < start.line < PART_TWO]
    own = whole.every()[start.line].interval

    def later(one: Mention) -> bool:
        interval = whole.lines[one.line].interval
        return own is not None and interval is not None and interval.widest <= own.hours

    return Beside([one.code for one in others], [one.code for one in above], [one.code for one in above if later(one)])


def _primary(course: _Course, whole: Chain, code: str) -> str:
    """Step M1 for malignant neoplasms of several sites; only a coder chooses between sites that may each be the primary one."""
    found = neoplasm.primaries(code, whole, modification().metastatic)
    if len(found) > 1:
        raise _Stop("neoplasm", found[0], found[1])
    if found[0] != code:
        course.take("M1", found[0], code, _SITE)
    return found[0]


def _main_injury(course: _Course, certificate: Certificate, code: str) -> str | None:
    """Step M4 and what it leaves to a coder; the first injury or poisoning beside an external cause."""
    conditions = [one.code for one in certificate.chain.mentions()]
    if limits().manifestation(code):
        raise _Stop("asterisk")
    if icd.within(code, INJURY):
        raise _Stop("external")
    if icd.within(code, _PROCEDURE):
        raise _Stop("procedure")
    maternal = certificate.pregnancy is True and certificate.sex == FEMALE
    if maternal and icd.within(code, _NATURAL) and not icd.within(code, _MATERNAL):
        raise _Stop("maternal")
    if not icd.within(code, EXTERNAL):
        return None
    injury = next((one for one in conditions if icd.within(one, INJURY)), None)
    if injury is not None:
        course.take("M4", code, injury)
    return injury

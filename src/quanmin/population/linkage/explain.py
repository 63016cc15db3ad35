"""Why a record was attached, left apart or sent to a clerk: the weights of its best pair, step by step, in words.

The weights are computed inside, under the model that decided. The values shown come through the gate, as the purpose of the
reader shows them; the steps themselves hold none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.linkage import person, prospect, record, saved, scoring, setting, side
from quanmin.population.linkage.decision import DECISIONS
from quanmin.population.linkage.errors import NoLink
from quanmin.population.linkage.job import STAGE, present
from quanmin.population.linkage.preparation import people_of
from quanmin.population.linkage.saved import Model
from quanmin.population.linkage.table import LINK
from quanmin.population.plan import Plan, Source
from quanmin.population.review import effect
from quanmin.population.tables import PERSON
from quanmin.standards import kernels
from quanmin.text import Text

Decide = Callable[[str, Sequence[str]], trust.Decision]
"""Asks the policy about some elements of a dataset, or of the base."""

START = Text("起点：全库中任一人", "the start: anybody of the base")
RARITY = Text("姓名的常见程度", "how common the name is")
ABSENT = Text("未提供", "not stated")


class Link(NamedTuple):
    """A row of `linked.link` as far as it is explained."""

    person_key: int
    weight: float
    probability: float
    margin: float
    decision: str
    model: int


@dataclass(frozen=True)
class Step:
    """One part of a weight: what was compared, what came of it, and the shares behind it (None for the start and the rarity).

    `stated` and `held` are the values of the record and of the person, as the reader may see them.
    """

    compared: str
    title: Text
    outcome: Text
    weight: float
    m: float | None = None
    u: float | None = None
    stated: str | None = None
    held: str | None = None

    @property
    def words(self) -> Text:
        """The step as a sentence."""
        if self.m is None or self.u is None:
            return Text(f"{self.title.zh}：{self.weight:+.1f}", f"{self.title.en}: {self.weight:+.1f}")
        return Text(
            f"{self.title.zh}：{self.outcome.zh}，同一人的记录对中占 {self.m:.4%}，陌生人中占 {self.u:.4%}：{self.weight:+.1f}",
            f"{self.title.en}: {self.outcome.en}; {self.m:.4%} of pairs of one person, {self.u:.4%} of strangers: "
            f"{self.weight:+.1f}",
        )


@dataclass(frozen=True)
class Explanation:
    """A record's best pair: the decision, the weight that its steps add up to, and the margin to the next candidate."""

    dataset: str
    batch: int
    row: int
    decision: str
    title: Text
    weight: float
    probability: float
    margin: float
    model: int
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {**asdict(self), "steps": [{**asdict(step), "words": step.words} for step in self.steps]}


def explain(lake: Lake, decide: Decide, dataset: str, batch: int, row: int) -> Explanation:
    """Explain the link of one record. Raises NoLink, AccessDenied."""
    with lake.session(STAGE) as session:
        plan = present(session)
        source = plan.by_dataset.get(dataset)
        link = _link(session, dataset, batch, row) if source is not None else None
        if source is None or link is None:
            raise NoLink(dataset=dataset, batch=batch, row=row)
        model = saved.load(lake.ledger, link.model)
        weights = _weights(session, plan, link, (dataset, batch, row), model)
        beside = record.places_and_relatives(session, source)
    shown = _shown(lake, decide, source, beside, (batch, row), link.person_key)
    steps = _steps(weights, model, shown)
    title = DECISIONS[link.decision]  # type: ignore[index]
    rest = (link.weight, link.probability, link.margin, link.model)
    return Explanation(dataset, batch, row, link.decision, title, *rest, steps)


def _link(session: Session, dataset: str, batch: int, row: int) -> Link | None:
    if not session.exists(LINK):
        return None
    query = (
        f"SELECT {', '.join(Link._fields)} FROM {session.relation(LINK)} WHERE dataset = ? AND _batch = ? AND _row = ?"
    )
    found = session.connection.execute(query, [dataset, batch, row]).fetchall()
    return Link(*found[0]) if found else None


def _weights(
    session: Session, plan: Plan, link: Link, address: tuple[str, int, int], model: Model
) -> dict[str, float | int]:
    """Splink's columns for the pair: the outcome and the weight of each comparison."""
    connection, (dataset, batch, row) = session.connection, address
    stated = record.stated(session, plan.limited([dataset]), record.SET_ASIDE, at=(batch, row))
    if not stated.num_rows:
        raise NoLink(dataset=dataset, batch=batch, row=row)
    connection.register("at_hand", stated)
    connection.execute("CREATE OR REPLACE TABLE stated AS FROM at_hand")
    effect.disown(session, "stated")
    stated = connection.table("stated").to_arrow_table()
    connection.register("kin", record.kin(stated))
    person.households(session, plan, "kin", "homes")
    side.records(connection, "records", stated, "homes")
    bucket = int(kernels.bucket_of(pa.array([link.person_key]), None, session.lake.settings.buckets)[0])
    side.people(connection, "people", person.people(session, plan, [bucket], str(link.person_key)))
    connection.execute(
        f"CREATE TABLE pairs AS SELECT {link.person_key} AS person, id AS record, 0 AS rule FROM records;"
        f"CREATE TABLE frequencies AS SELECT r.name, (count(p.name) + {setting.NAME_SHARE * setting.NAME_COUNTS}) / "
        f"({people_of(session)} + {setting.NAME_COUNTS}) AS tf_name FROM records AS r "
        f"LEFT JOIN {session.relation(PERSON)} AS p ON p.name = r.name WHERE r.name IS NOT NULL GROUP BY r.name"
    )
    scored = connection.sql(f"SELECT * FROM {scoring.weigh(connection, model.settings)}").to_arrow_table()
    names = [name for name in scored.column_names if name.startswith(("gamma_", "mw_"))]
    weights = {name: scored.column(name)[0].as_py() for name in names}
    return weights | {"kind": prospect.weight(model.shares, _kind(session, stated))}


def _kind(session: Session, stated: pa.Table) -> str | None:
    """The record's kind, as `prospect` has it."""
    key = stated.column("person_key")[0].as_py()
    if key is None:
        return "none"
    bucket = int(kernels.bucket_of(pa.array([key]), None, session.lake.settings.buckets)[0])
    query = f"SELECT 1 FROM {session.relation(PERSON, [bucket])} WHERE person_key = {key}"
    return "borne" if session.connection.execute(query).fetchall() else None


def _steps(
    weights: dict[str, float | int], model: Model, shown: dict[str, tuple[str | None, str | None]]
) -> tuple[Step, ...]:
    """The start, each comparison, the rarity of the name behind the name, and what the record's kind adds."""
    from quanmin.population.linkage.model import comparisons  # loads Splink

    share = model.settings["probability_two_random_records_match"]
    steps = [Step("start", START, START, math.log2(share / (1 - share)))]
    saved_levels = {each["output_column_name"]: each["comparison_levels"] for each in model.settings["comparisons"]}
    for each in comparisons(model.figures["people"]):
        stated, held = shown.get(each.name, (None, None))
        place = len(each.levels) - 1 - int(weights[f"gamma_{each.name}"])
        if place == len(each.levels):
            steps.append(Step(each.name, each.title, ABSENT, 0.0, stated=stated, held=held))
            continue
        level = [one for one in saved_levels[each.name] if not one.get("is_null_level")][place]
        m, u = float(level["m_probability"]), float(level["u_probability"])
        title = each.levels[place].title
        steps.append(Step(each.name, each.title, title, float(weights[f"mw_{each.name}"]), m, u, stated, held))
        rarity = float(weights.get(f"mw_tf_adj_{each.name}") or 0.0)
        if rarity:
            steps.append(Step(f"{each.name}_rarity", RARITY, RARITY, rarity))
    if weights["kind"]:
        steps.append(Step("prospect", prospect.TITLE, prospect.TITLE, weights["kind"]))
    return tuple(steps)


def _shown(
    lake: Lake,
    decide: Decide,
    source: Source,
    beside: tuple[list[str], list[str]],
    at: tuple[int, int],
    key: int,
) -> dict[str, tuple[str | None, str | None]]:
    """Per comparison the value of the record and of the person, as the reader may see them."""
    named: dict[str, tuple[Sequence[str | None], list[str]]] = {
        "name": ([source.name], ["name"]),
        "birth": ([source.values.get("birth_date")], ["birth_date"]),
        "number": ([source.number], ["citizen_number"]),
        "sex": ([source.values.get("sex")], ["sex"]),
        "region": (beside[0], ["birth_place"]),
        "household": (beside[1], []),
    }
    asked = list(dict.fromkeys(name for wanted, _ in named.values() for name in wanted if name))
    of_record = lake.read(decide(source.dataset, ["_batch", "_row", *asked])).where(_batch=at[0], _row=at[1]).fetch()
    items = [item for _, wanted in named.values() for item in wanted]
    of_person = lake.read(decide(PERSON, ["person_key", *items])).where(person_key=key).fetch()
    return {name: (_text(of_record, wanted), _text(of_person, held)) for name, (wanted, held) in named.items()}


def _text(rows: pa.Table, names: Sequence[str | None]) -> str | None:
    """The values of some columns of the first row as one text; None where none is shown."""
    if not rows.num_rows:
        return None
    values = [rows.column(name)[0].as_py() for name in names if name in rows.column_names]
    return ", ".join(str(value) for value in values if value is not None) or None

"""Sealed fields: ciphertext in the database, what was given for whoever holds the key, and in its own place only."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from quanmin.collect.batch import BATCH
from quanmin.lake import Lake
from quanmin.ledger import WORKFLOWS, Action, Ledger, Workflow, register
from quanmin.ledger.ledger import FREE
from quanmin.population.review import journal, merge
from quanmin.settings import Settings
from quanmin.trust import circumstance, flag, identity, reidentification  # noqa: F401  their documents
from quanmin.trust.keys import document, open_store
from quanmin.trust.keys.errors import Altered, KeyGone
from quanmin.trust.policy import change  # noqa: F401

TRUST = {
    "account",
    "care_relation",
    "data_agreement",
    "emergency_access",
    "organisation",
    "person_flag",
    "policy_change",
    "reidentification",
}
KEYS = 11010519491231002, 11010519491231018


def _stored(lake: Lake) -> str:
    with lake.ledger.reading() as connection:
        return json.dumps([str(one) for one in connection.execute(text("SELECT data FROM action")).scalars()])


def test_people_and_reasons_are_ciphertext_only(either_lake: Lake) -> None:
    ledger = either_lake.ledger
    made = ledger.create("review_double", "ref", {"people": list(KEYS), "records": [1, 2]})
    given = {"answer": "same", "reason": "李明的邻居", "keep": KEYS[0]}
    assert ledger.act(made.id, "decide", given, role="reviewer").data["reason"] == "李明的邻居"
    with ledger.writing() as connection:
        merge.make(either_lake, connection, *KEYS, made.id, "clerk")
        journal.note(either_lake, connection, KEYS[0], {"event": "merged", "review": made.id, "reason": "王"}, "clerk")
    stored = _stored(either_lake)
    assert not any(one in stored for one in (*map(str, KEYS), "李明", "\\\\u674e", "\\\\u738b")) and "sealed" in stored
    assert ledger.get(made.id).data == {"people": list(KEYS), "records": [1, 2], **given}
    assert merge.everyone(ledger) == {KEYS[0]: KEYS[1]}
    assert [one["reason"] for one in journal.changes(either_lake, KEYS[0])] == ["王"]


def test_a_sealed_value_opens_in_its_own_place_only(either_lake: Lake) -> None:
    ledger = either_lake.ledger
    one, other = (ledger.create("review_double", ref, {"people": list(KEYS)}).id for ref in ("a", "b"))
    with ledger.writing() as connection:
        copy = "UPDATE action SET data = (SELECT data FROM action AS x WHERE x.document = :one) WHERE document = :other"
        connection.execute(text(copy), {"one": one, "other": other})
    assert ledger.get(one).data["people"] == list(KEYS)
    with pytest.raises(Altered):
        ledger.get(other)


def test_without_the_key_nothing_is_written_and_nothing_read(either_lake: Lake) -> None:
    made = either_lake.ledger.create("review_double", "a", {"people": list(KEYS)})
    bare = Ledger(either_lake.ledger.engine)
    assert set(bare.get(made.id).data["people"]) == {"sealed"}
    with pytest.raises(TypeError, match="sealed"):
        bare.create("review_double", "b", {"people": list(KEYS)})
    assert bare.create(BATCH.kind, data={"file": "x.csv"}).state == "received"


def test_what_was_written_before_is_read_as_it_is(either_lake: Lake) -> None:
    made = either_lake.ledger.create("review_double", "a", {"people": list(KEYS)})
    with either_lake.ledger.writing() as connection:
        plain = json.dumps({"people": list(KEYS)})
        connection.execute(text("UPDATE action SET data = :data"), {"data": plain})
    assert either_lake.ledger.get(made.id).data["people"] == list(KEYS)


def test_free_words_are_starred_and_sealed_and_older_ones_are_read(either_lake: Lake) -> None:
    register(
        Workflow("sealed words", "new", [Action("end", "new", "ended", needs=["reason"])], words=("reason", "aim"))
    )
    ledger = either_lake.ledger
    made = ledger.create("sealed words", "x", {"aim": "李明 11010519491231002X", "size": 3})
    done = ledger.act(made.id, "end", {"reason": "王芳 moved"})
    assert made.data == {"aim": "李明 ***", "size": 3} and done.data["reason"] == "王芳 moved"
    assert ledger.get(made.id).data == done.data
    stored = _stored(either_lake)
    assert stored.count("sealed") == 2 and not any(one in stored for one in ("李", "王", "\\u674e", "\\u738b"))
    with ledger.writing() as connection:
        plain = json.dumps({"reason": "written before"})
        connection.execute(text("UPDATE action SET data = :data WHERE sequence = 1"), {"data": plain})
    assert ledger.get(made.id).data["reason"] == "written before"


def test_words_whose_key_was_given_up_are_stars_and_all_else_is_read(either_lake: Lake) -> None:
    register(Workflow("lost words", "new", [Action("go", "new", "new")], words=("reason",)))
    ledger, store = either_lake.ledger, open_store(either_lake.settings)
    made = ledger.create("lost words", "x", {"reason": "王芳 moved", "size": 3})
    review = ledger.create("review_double", "a", {"people": list(KEYS)})
    store.revoke(document.KEY, 1)
    assert ledger.get(made.id).data == {"reason": "***", "size": 3}
    with pytest.raises(KeyGone):
        ledger.get(review.id)
    store.rotate(document.KEY)
    assert ledger.act(made.id, "go", {"reason": "again"}).data["reason"] == "again"
    store.reinstate(document.KEY, 1)
    assert [step.data.get("reason") for step in ledger.get(made.id).actions] == ["王芳 moved", "again"]


def test_words_do_not_open_in_another_place(either_lake: Lake) -> None:
    register(Workflow("moved words", "new", [], words=("reason",)))
    ledger = either_lake.ledger
    one, other = (ledger.create("moved words", ref, {"reason": f"of {ref}"}).id for ref in ("a", "b"))
    with ledger.writing() as connection:
        copy = "UPDATE action SET data = (SELECT data FROM action AS x WHERE x.document = :one) WHERE document = :other"
        connection.execute(text(copy), {"one": one, "other": other})
    with pytest.raises(Altered):
        ledger.get(other)


def test_every_word_that_somebody_writes_in_trust_is_sealed() -> None:
    """Whatever an action of trust needs that is written freely is among the words (or sealed) of its workflow."""
    own = {kind: flow for kind, flow in WORKFLOWS.items() if kind in TRUST or kind.startswith("identity_")}
    assert set(own) > TRUST
    for kind, flow in own.items():
        asked = {name for action in flow.actions for name in action.needs} & {*FREE}
        assert asked <= {*flow.words, *flow.sealed}, kind


def test_numbers_in_free_words_are_starred_and_sealed_words_are_kept(settings: Settings) -> None:
    register(Workflow("free words", "new", [Action("end", "new", "ended", needs=["reason"])]))
    with Lake.open(settings) as lake:
        made = lake.ledger.create("free words", "x", {"case": "for 11010519491231002X", "size": 3})
        done = lake.ledger.act(made.id, "end", {"reason": "１１０１０５１９４９１２３１００２Ｘ moved"})
        assert made.data == {"case": "for ***", "size": 3} and done.data["reason"] == "*** moved"
        assert lake.ledger.get(made.id).data["reason"] == "*** moved"

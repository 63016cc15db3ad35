"""The sharing catalogue."""

from __future__ import annotations

import json

from quanmin import standards
from quanmin.exchange.agreement.catalogue import SHARE_WORDS, catalogue
from quanmin.exchange.agreement.standing import Standing
from quanmin.standards.dataset import SHARES
from quanmin.standards.exports.description import describe
from quanmin.standards.exports.markdown import markdown
from quanmin.trust.column import BASE

from . import parties as names
from .parties import Parties


def test_every_dataset_and_the_base_stand_in_it_with_their_share_type_and_law() -> None:
    found = catalogue(names.PLATFORM)
    assert [one.id for one in found] == [*sorted(standards.catalogue().datasets), BASE]
    for one in found[:-1]:
        dataset = standards.catalogue().dataset(one.id)
        assert (one.share, one.legal_basis, one.providers[0]) == (dataset.share, dataset.legal_basis, dataset.steward)
        assert names.PLATFORM in one.providers and len(set(one.providers)) == len(one.providers)
    assert len(found[-1].elements) == 13 and found[-1].providers == (names.PLATFORM,)
    assert {one.share for one in found} == set(SHARES) == set(SHARE_WORDS)
    json.dumps([one.to_dict() for one in found])


def test_agreements_in_force_stand_on_their_dataset_until_they_are_suspended(parties: Parties) -> None:
    def on(dataset: str) -> tuple[str, ...]:
        standing = Standing(parties.ledger, parties.settings).every()
        return next(one.agreements for one in catalogue(names.PLATFORM, standing) if one.id == dataset)

    first, second = parties.in_force(), parties.in_force()
    parties.answered()
    assert on("civil_affairs.funeral") == (first.cited, second.cited)
    assert on("civil_affairs.marriage") == ()
    parties.office.suspend(names.PLATFORM, first.id, "核查")
    assert on("civil_affairs.funeral") == (second.cited,)


def test_the_law_is_in_the_dictionary_and_the_json_of_a_dataset() -> None:
    dataset = standards.catalogue().dataset("civil_affairs.funeral")
    assert dataset.legal_basis is not None
    assert f"{dataset.legal_basis.zh} · {dataset.legal_basis.en}" in markdown(dataset)
    assert describe(dataset)["legal_basis"] == dataset.legal_basis._asdict()
    without = standards.catalogue().dataset("health.whole_population")
    assert without.legal_basis is None and describe(without)["legal_basis"] is None

"""Search: the traps of Chinese and mixed text, recall against a plain reading, filters, facets, sorts, pages, highlights."""

import html
import random
import re
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanmin.opendata.catalogue import FACETS, SORTS, Query
from quanmin.opendata.catalogue.errors import QueryInvalid, QueryTooLong
from quanmin.opendata.catalogue.folding import fold, fold_with_places
from quanmin.opendata.catalogue.highlight import marked, snippet

TITLES = (
    "湖北省2019年高血压患病率",
    "高血脂与低血压门诊人次",
    "武汉市医疗机构床位数（ICD-10 I10）",
    "Hospital beds: ICD10 高血压 2020",
    "门诊服务量，编码010",
    "臺北市醫療機構門診資料",
    "机构代码0164A与10",
    "Ｆｕｌｌ　ｗｉｄｔｈ　数据１２３",
    "Café résumé of diabetes",
    "发展中国家援外医疗队",
)


@pytest.fixture
def shelf(own, make):
    own.publish_all([make(number, title) for number, title in enumerate(TITLES)], "officer")
    return lambda text, **more: sorted(int(row["id"][3:]) for row in own.search(Query(text, **more)).rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("血压", [0, 1, 3]),  # two signs inside a word
        ("高血压", [0, 3]),  # three signs that stand together, and not 高血… with …血压
        ("高血压患病率", [0]),
        ("高血压 患病率", [0]),
        ("患病率高血压", [0]),  # its words in another order
        ("床位", [2]),
        ("门诊", [1, 4, 5]),
        ("医疗机构", [2, 5]),
        ("ICD10 高血压", [3]),
        ("icd10", [2, 3]),
        ("ICD-10", [2, 3]),
        ("ＩＣＤ１０", [2, 3]),
        ("ICD", [2, 3]),
        ("010", [4]),
        ("0164A", [6]),
        ("164a", [6]),
        ("臺北", [5]),
        ("台北", [5]),
        ("醫療機構", [2, 5]),
        ("full width", [7]),
        ("数据123", [7]),
        ("cafe", [8]),
        ("RÉSUMÉ", [8]),
        ("abet", [8]),
        ("中国", [9]),
        ("癌", []),
        ('"高血压"', [0, 3]),
        ("高血压 AND", []),  # an operator is a word like others
        ("(高血压*", [0, 3]),
        ("title:高血压", []),
        ("高血压 -门诊", []),
        ("\x00高血压\ud800", [0, 3]),
        ("", list(range(10))),
        (" \t ", list(range(10))),
        ('"*', list(range(10))),
    ],
)
def test_a_trap_finds_what_it_should(shelf, own, text, expected):
    found = own.search(Query(text))
    assert ([] if found.loosened else shelf(text)) == expected


def test_the_word_ranks_above_a_part_of_another(own, make):
    own.publish_all([make(1, "发展中国家援外"), make(2, "中国卫生统计")], "officer")
    assert [row["id"] for row in own.search(Query("中国")).rows] == ["id-000002", "id-000001"]


def test_the_title_ranks_above_the_description(own, make):
    own.publish_all([make(1, "年报", about="高血压" + "，说明" * 40), make(2, "高血压")], "officer")
    assert [row["id"] for row in own.search(Query("高血压")).rows] == ["id-000002", "id-000001"]


def test_where_nothing_has_all_what_has_the_most_is_shown_and_said(shelf, own):
    found = own.search(Query("高血压 qqqq"))
    assert found.loosened and sorted(int(row["id"][3:]) for row in found.rows) == [0, 3]
    found = own.search(Query("高血压 患病率 qqqq"))
    assert found.loosened and [int(row["id"][3:]) for row in found.rows] == [0]
    assert not own.search(Query("qqqq")).loosened
    assert own.search(Query("qqqq wwww")).total == 0


def test_a_query_of_ten_million_characters_is_refused_at_once(own):
    text = "高血压" * 3_333_334
    begun = time.thread_time()
    with pytest.raises(QueryTooLong):
        own.search(Query(text))
    with pytest.raises(QueryTooLong):
        own.suggest(text)
    assert time.thread_time() - begun < 0.05


def plain(documents, text):
    """The records in whose title the text stands, read one by one."""
    sought = fold(text)

    def holds(document):
        return any(sought in fold(title) for title in document["dct:title"].values())

    return {document["dct:identifier"] for document in documents if holds(document)}


def test_every_substring_of_a_title_finds_it(large, simulated):
    """Recall 1.0 for substrings of two signs and more, against a reading of every title."""
    rng, missed, asked = random.Random(11), [], 0
    for document in rng.sample(simulated, 150):
        for title in document["dct:title"].values():
            start = rng.randrange(len(title) - 1)
            text = title[start : start + rng.randrange(2, 9)]
            if len(fold(text).strip()) < 2:
                continue
            asked += 1
            found = large.search(Query(text, rows=1_000, facets=()))
            ids = {row["id"] for row in found.rows}
            after = found.next
            while after:
                page = large.search(Query(text, rows=1_000, facets=(), after=after))
                ids, after = ids | {row["id"] for row in page.rows}, page.next
            missed += [(text, one) for one in plain(simulated, text) - ids]
    assert asked > 250
    assert missed == []


def test_two_and_three_signs_find_nothing_else(large, simulated):
    for text in ("血压", "高血压", "医保", "人口", "糖尿病"):
        ids = {row["id"] for row in large.search(Query(text, rows=1_000, facets=())).rows}
        assert ids <= {one["dct:identifier"] for one in simulated if text in str(one)}


@pytest.mark.parametrize("text", ["", "高血压", "2019 年", "hypertension", "e", "率"])
@pytest.mark.parametrize("filters", [{}, {"access": ("public",)}, {"format": ("csv", "json"), "year": ("2024",)}])
def test_facets_count_what_was_found(large, simulated, text, filters):
    found = large.search(Query(text, filters, rows=1_000, values=1_000))
    rows, after = found.rows, found.next
    while after:
        page = large.search(Query(text, filters, rows=1_000, after=after, facets=()))
        rows, after = rows + page.rows, page.next
    assert len(rows) == found.total == len({row["id"] for row in rows})
    for facet, key in (("access", "access"), ("licence", "licence")):
        expected = Counter(row[key] for row in rows if row[key])
        assert {one["value"]: one["count"] for one in found.facets[facet]} == expected
    expected = Counter(code for row in rows for code in row["formats"])
    assert {one["value"]: one["count"] for one in found.facets["format"]} == expected
    assert all(set(row["formats"]) & set(filters.get("format", row["formats"])) for row in rows)


def test_every_facet_is_counted_and_titled(large):
    found = large.search(Query("高血压"))
    assert set(found.facets) == set(FACETS)
    assert all(one["title"]["zh"] and one["title"]["en"] for values in found.facets.values() for one in values)
    counts = [one["count"] for one in found.facets["tag"]]
    assert counts == sorted(counts, reverse=True)


def test_a_record_must_have_every_value_where_every_is_asked_for(large):
    rows = large.search(Query(every={"format": ("csv", "json")}, rows=1_000)).rows
    assert rows and all({"csv", "json"} <= set(row["formats"]) for row in rows)


def test_codes_may_come_as_a_list(large):
    assert (
        large.search(Query(filters={"format": ["csv"]})).total
        == large.search(Query(filters={"format": ("csv",)})).total
    )


def test_a_value_that_nobody_has_finds_nothing(large):
    assert large.search(Query(filters={"tag": ("nothing",)})).total == 0


def listing(catalogue, **more):
    return [row["id"] for row in catalogue.search(Query(rows=1_000, facets=(), **more)).rows]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("text", ["", "医疗"])
def test_pages_by_offset_and_by_anchor_are_the_list(large, sort, text, language):
    total = large.search(Query(text)).total
    by_offset = [
        row["id"]
        for start in range(0, total, 97)
        for row in large.search(Query(text, sort=sort, language=language, rows=97, offset=start, facets=())).rows
    ]
    by_anchor, after = [], None
    while after or not by_anchor:
        page = large.search(Query(text, sort=sort, language=language, rows=97, after=after, facets=()))
        by_anchor, after = by_anchor + [row["id"] for row in page.rows], page.next
    assert by_offset == by_anchor and len(set(by_anchor)) == total


def test_newest_is_by_day_and_then_by_id(large, simulated):
    days = {one["dct:identifier"]: one["dct:modified"] for one in simulated}
    expected = sorted(days, key=lambda one: (-read_day(days[one]), one))
    assert listing(large, sort="newest") == expected[:1_000]


def read_day(text):
    year, month, day = map(int, text.split("-"))
    return year * 372 + month * 31 + day


def test_titles_in_chinese_are_in_the_order_of_pinyin(own, make):
    own.publish_all([make(number, title) for number, title in enumerate(["中医", "艾滋病", "糖尿病", "高血压"])], "a")
    assert [row["title"]["zh"] for row in own.search(Query(sort="title")).rows] == [
        "艾滋病",
        "高血压",
        "糖尿病",
        "中医",
    ]


def test_an_anchor_goes_on_where_it_was_although_the_catalogue_changed(own, make):
    own.publish_all([make(number, dct__modified=f"2020-01-{number:02}") for number in range(1, 21)], "officer")
    first = own.search(Query(sort="newest", rows=5))
    assert [row["id"][-2:] for row in first.rows] == ["20", "19", "18", "17", "16"]
    own.withdraw("id-000016", "理由", "officer")
    own.publish(make(30, dct__modified="2020-02-01"), "officer")
    second = own.search(Query(sort="newest", rows=5, after=first.next))
    assert [row["id"][-2:] for row in second.rows] == ["15", "14", "13", "12", "11"]


@pytest.mark.parametrize("after", ["", "x", "e30", "W10", "bnVsbA", "你好", "A" * 3_000, "W1tbW1tb"])
def test_an_anchor_that_was_not_handed_out_is_refused(own, after):
    with pytest.raises(QueryInvalid):
        own.search(Query(sort="newest", after=after))


def test_an_anchor_of_another_sort_is_refused(large):
    token = large.search(Query(sort="newest")).next
    for sort in ("title", "relevance"):
        with pytest.raises(QueryInvalid):
            large.search(Query(sort=sort, after=token))


@pytest.mark.parametrize(
    "query",
    [
        Query(rows=-1),
        Query(rows=1_001),
        Query(offset=-1),
        Query(values=-1),
        Query(filters={"odd": ("x",)}),
        Query(every={"odd": ("x",)}),
        Query(facets=("odd",)),
        Query(language="fr"),
        Query(filters={"tag": "csv"}),
        Query(filters={"tag": (1,)}),
        Query(filters={"tag": tuple(str(one) for one in range(1_001))}),
    ],
)
def test_a_wrong_part_of_a_query_is_refused(own, query):
    with pytest.raises(QueryInvalid):
        own.search(query)


@pytest.mark.parametrize("query", [Query(rows=0), Query(offset=10**9), Query("高血压", offset=10**12), Query(values=0)])
def test_a_page_beyond_the_end_is_empty(large, query):
    found = large.search(query)
    assert found.total > 0 and (found.rows == [] or query.values == 0)


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_searched(large, text):
    assert large.search(Query(text, rows=3)).total >= 0


def unmarked(text):
    return html.unescape(re.sub("</?mark>", "", text))


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=3).map(fold).filter(str.strip), max_size=3))
def test_marking_changes_nothing_but_marks(text, terms):
    assert unmarked(marked(text, terms)) == text
    assert not re.search("<(?!/?mark>)", marked(text, terms))
    assert unmarked(snippet(text, terms)) == text


def test_what_was_found_is_marked_and_the_rest_escaped():
    assert marked("<b>高血壓</b>", ["高血压"]) == "&lt;b&gt;<mark>高血壓</mark>&lt;/b&gt;"
    assert marked("ＩＣＤ-10", ["icd", "10"]) == "<mark>ＩＣＤ</mark>-<mark>10</mark>"
    assert "<mark>糖尿病</mark>" in snippet("说明" * 200 + "糖尿病" + "说明" * 200, ["糖尿病"])


@given(st.text(max_size=60))
def test_a_place_in_a_folded_text_leads_back(text):
    folded = fold_with_places(text)
    assert folded.text == fold(text) and len(folded.places) == len(folded.text) + 1
    assert all(sign in fold(text[place]) for sign, place in zip(folded.text, folded.places, strict=False))


def test_suggestions_are_values_and_titles(large):
    found = large.suggest("高血")
    assert {"kind": "tag", "value": "高血压"}.items() <= found[0].items() and found[0]["count"] > 0
    assert any(one["kind"] == "record" and "高血压" in one["title"]["zh"] for one in found)
    assert large.suggest("") == [] and large.suggest("qqqq") == []
    assert len(large.suggest("医", limit=3)) == 3
    assert any(one["value"] == "hypertension" for one in large.suggest("hyper", "en"))

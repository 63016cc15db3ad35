"""The open catalogue at the size of data.gov: import, index, search with facets for twenty users at once, deep pages.

The documents are simulated, in Chinese and English. Every user asks without a pause, mostly what nobody asked before: parts of
titles in Chinese, words in English, filters, mixed text, and lists without a text.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from figure import Figure

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Catalogue, Query
from quanmin.settings import Settings
from quanmin.synth import open_catalogue
from quanmin.synth.open_subject import GROUPS, MEASURES, PUBLISHERS, SUBJECTS

DATASETS = 188_917
USERS, ASKED = 20, 60


def questions(seed: int) -> Iterator[Query]:
    """What one user asks."""
    rng = random.Random(seed)
    places = [place.zh for _, place in open_catalogue.places()]
    while True:
        subject, measure = rng.choice(SUBJECTS), rng.choice(MEASURES)
        text = rng.choice(
            (
                subject.zh,
                subject.zh[:2],
                measure.zh,
                rng.choice(places),
                rng.choice(places)[:2] + rng.choice(PUBLISHERS).zh[:3],
                f"{rng.choice(places)}{subject.zh}{measure.zh}",
                f"{subject.zh} {rng.randrange(2008, 2026)}",
                f"{subject.en} {measure.en}",
                subject.en[: rng.randrange(3, 9)],
                f"ICD-10 {subject.code or 'I10'}",
                rng.choice(GROUPS).zh,
            )
        )
        filters = {"format": (rng.choice(("csv", "json")),)} if rng.random() < 0.2 else {}
        if rng.random() < 0.1:
            filters["year"] = (str(rng.randrange(2010, 2026)),)
        sort = rng.choice(("relevance", "relevance", "relevance", "newest", "hottest"))
        yield Query(text, filters, sort=sort, language=rng.choice(("zh", "en")))


def asked(catalogue: Catalogue, users: int, each: int, seed: int) -> list[float]:
    """Milliseconds of every search of so many users at once, sorted."""
    taken: list[float] = []

    def user(number: int) -> None:
        source = questions(seed + number)
        for _ in range(each):
            query = next(source)
            begun = time.perf_counter()
            found = catalogue.search(query)
            taken.append((time.perf_counter() - begun) * 1000)
            assert found.facets["format"] or not found.total

    threads = [threading.Thread(target=user, args=(number,)) for number in range(users)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(taken)


def deep(catalogue: Catalogue) -> float:
    """How much longer a page takes near the end of everything than the first one; the worse of offset and anchor."""
    total = catalogue.search(Query()).total
    ratios = []
    for text in ("", "2019", "卫生"):
        after, query = None, Query(text)
        count = catalogue.search(query).total
        while count > total // 4 and (page := catalogue.search(Query(text, rows=1_000, after=after, facets=()))).next:
            after = page.next
        after = after or catalogue.search(query).next
        first = _fastest(catalogue, lambda text=text: Query(text))
        last = _fastest(catalogue, lambda text=text, count=count: Query(text, offset=max(0, count - 20)))
        anchored = _fastest(catalogue, lambda text=text, after=after: Query(text, after=after))
        ratios += [last / first, anchored / first]
    return max(ratios)


def _fastest(catalogue: Catalogue, query: Callable[[], Query]) -> float:
    """The least of several times of a query whose result is not remembered."""
    seconds = []
    for _ in range(9):
        catalogue.searcher.forget()
        begun = time.perf_counter()
        catalogue.search(query())
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    count = max(int(DATASETS * scale), 2_000)
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Settings(home=Path(folder))) as ledger:
        catalogue = Catalogue.open(ledger, Path(folder) / "index")
        begun, spent = time.perf_counter(), time.process_time()
        catalogue.store.write(open_catalogue.documents(count), "bench")
        kept = time.perf_counter() - begun
        begun, spent = time.perf_counter(), time.process_time()
        catalogue.rebuild()
        built, worked = time.perf_counter() - begun, time.process_time() - spent
        size = sum(one.stat().st_size for one in (Path(folder) / "index").rglob("*") if one.is_file()) / 1e6
        return figures(catalogue, count, kept, built, f"{worked:.0f} s of a processor; {size:,.0f} MB")


def figures(catalogue: Catalogue, count: int, kept: float, built: float, note: str) -> list[Figure]:
    """The lines of a catalogue that is filled and built."""
    asked(catalogue, 2, 30, seed=1)  # what is made ready by the first questions is made ready
    alone = asked(catalogue, 1, 200, seed=100)
    together = asked(catalogue, USERS, ASKED, seed=1_000)
    p95, ratio, limit = together[int(len(together) * 0.95)], deep(catalogue), 300 * count / DATASETS
    size = f"{count:,} datasets"
    return [
        Figure(
            f"catalogue: keep {size}", "—", f"{kept:.0f} s", None, "generated, checked and written in one transaction"
        ),
        Figure(f"catalogue: index of {size}", f"≤ {limit:.0f} s", f"{built:.0f} s", built <= limit, note),
        Figure(
            f"catalogue: search with facets, {size}",
            "p95 ≤ 50 ms",
            f"{p95:.1f} ms",
            p95 <= 50,
            f"{USERS} users at once without a pause in one process, {len(together):,} searches, median "
            f"{together[len(together) // 2]:.1f} ms; one user: median {alone[100]:.1f} ms, p95 {alone[190]:.1f} ms",
        ),
        Figure(
            "catalogue: deep page : first page",
            "≤ 2",
            f"{ratio:.2f}",
            ratio <= 2,
            "worst of three lists, by offset and by anchor, nothing remembered",
        ),
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)

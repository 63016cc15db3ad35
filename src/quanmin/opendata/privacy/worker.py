"""The worker: one question of one dataset, in a process of its own, with OpenDP. Run as a script; imports nothing of Quanmin.

It reads a line of JSON (the plan), says with what noise and for which privacy loss it will answer, then reads rows as an Arrow
stream and says the answer. Rows come through a pipe and go nowhere: the process may write no file, leave no core and use no more
memory and processor time than the plan says. All noise is that of OpenDP's measurements on whole numbers; values are counted in
declared steps, so that no sum is one of floating point (Mironov 2012 shows what such sums give away).

Before the measurement every person is bounded to the same number of rows. Which rows of a person stay depends on this person's
rows and number only, never on other people's or on their order, so that a person more or less changes just so many rows.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Plan = Mapping[str, Any]
_BASE, _BLOCK = np.uint64(0x9E3779B97F4A7C15), 1 << 18
MISS = 0.05
"""Accuracies are told for 95 %."""


class Built(NamedTuple):
    """A measurement, the scale of its noise (one, or of count and sum), and the loss that its map says for one person.

    `unit` is what one row weighs in the scores of a quantile.
    """

    measurement: Any
    scales: tuple[float, ...]
    loss: tuple[float, float]
    unit: int = 1


def build(plan: Plan) -> Built:
    """The measurement of a plan whose loss for one person is at most the asked one, with the least noise that gives it."""
    makes: dict[str, Callable[[Plan], Built]] = {"mean": _mean, "quantile": _quantile}
    return makes.get(plan["statistic"], _single)(plan)


def _space() -> tuple[Any, Any]:
    dp = _opendp()
    return dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance()


def _transformed(plan: Plan, statistic: str) -> Any:
    """From rows of whole numbers to what is measured."""
    dp = _opendp()
    if statistic == "count":
        return _space() >> dp.t.then_count(TO="i64")
    if statistic == "sum":
        return _space() >> dp.t.then_clamp((plan["lower"], plan["upper"])) >> dp.t.then_sum()
    metric = "L2Distance<f64>" if plan["mechanism"] == "gaussian" else "L1Distance<i64>"
    categories = list(range(plan["categories"]))
    return _space() >> dp.t.then_count_by_categories(categories, null_category=True, TOA="i64", MO=metric)


def _single(plan: Plan) -> Built:
    before, noise = _transformed(plan, plan["statistic"]), _noise(plan["mechanism"])
    return _scaled(plan, lambda scale: before >> noise(scale=scale), lambda scale: (scale,))


def _mean(plan: Plan) -> Built:
    """A count and a sum around the middle of the bounds, half of the loss each."""
    noise, width = _noise(plan["mechanism"]), max(abs(plan["lower"]), abs(plan["upper"]), 1)
    count, total = _transformed(plan, "count"), _transformed(plan, "sum")

    def made(scale: float) -> Any:
        return _opendp().c.make_composition([count >> noise(scale=scale), total >> noise(scale=scale * width)])

    return _scaled(plan, made, lambda scale: (scale, scale * width))


def _quantile(plan: Plan) -> Built:
    """The whole step whose rank is nearest to the asked one, by noisy scores (Smith 2011; permute and flip)."""
    dp = _opendp()
    grid = list(range(plan["lower"], plan["upper"] + 1))
    clamped = _space() >> dp.t.then_clamp((plan["lower"], plan["upper"]))
    scores = clamped >> dp.t.then_quantile_score_candidates(grid, alpha=plan["share"])

    def made(scale: float) -> Any:
        return scores >> dp.m.then_noisy_max(dp.max_divergence(), scale=scale, negate=True)

    unit = scores([plan["lower"]])[-1] + scores([plan["upper"]])[0]
    return _scaled(plan, made, lambda scale: (scale,))._replace(unit=int(unit))


def _noise(mechanism: str) -> Any:
    dp = _opendp()
    return dp.m.then_gaussian if mechanism == "gaussian" else dp.m.then_laplace


def _scaled(plan: Plan, made: Callable[[float], Any], scales: Callable[[float], tuple[float, ...]]) -> Built:
    """With the least scale (to a part in 10^9) whose privacy map stays within the loss of the plan."""
    dp, most = _opendp(), plan["contributions"]

    def measured(scale: float) -> Any:
        one = made(scale)
        return dp.c.make_fix_delta(dp.c.make_zCDP_to_approxDP(one), plan["delta"]) if plan["delta"] else one

    def loss(one: Any) -> tuple[float, float]:
        found = one.map(most)
        return (float(found[0]), float(found[1])) if isinstance(found, tuple) else (float(found), 0.0)

    def fits(scale: float) -> bool:
        epsilon, delta = loss(measured(scale))
        return bool(epsilon <= plan["epsilon"] and delta <= plan["delta"])

    low, high = 0.0, 1.0
    while not fits(high):
        low, high = high, high * 2
    while high - low > high * 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    measurement = measured(high)
    return Built(measurement, scales(high), loss(measurement))


def accuracy(plan: Plan, built: Built, miss: float = MISS) -> dict[str, int]:
    """How far the answer is from that of the bounded rows at most, in 95 % of all answers; known before any row is read.

    In steps for a sum. `each` cell of a histogram, and `all` of them together. Of a quantile: by how many rows its rank
    misses the asked one more than the best step does. Of a mean: for its `count` and `sum`, both together.
    """
    scales = built.scales
    if plan["statistic"] == "quantile":
        size = plan["upper"] - plan["lower"] + 1
        return {"rank": math.ceil(scales[0] * (math.log(size) + math.log(1 / miss)) / built.unit)}
    if plan["statistic"] == "mean":
        names = zip(("count", "sum"), scales, strict=True)
        return {name: _tail(plan["mechanism"], scale, miss / 2) for name, scale in names}
    told = {"each": _tail(plan["mechanism"], scales[0], miss)}
    if plan["statistic"] == "histogram":
        told["all"] = _tail(plan["mechanism"], scales[0], miss / (plan["categories"] + 1))
    return told


def _tail(mechanism: str, scale: float, miss: float) -> int:
    """What the noise exceeds with this probability at most: both are whole numbers, so the floor of OpenDP's figure."""
    dp = _opendp()
    known = (
        dp.discrete_gaussian_scale_to_accuracy if mechanism == "gaussian" else dp.discrete_laplacian_scale_to_accuracy
    )
    return int(known(scale, miss))


def values(plan: Plan, rows: pa.Table) -> Ints:
    """The whole numbers that are measured: places of categories, values in steps, or zeros to be counted.

    Rows without a person or without a value are left out, row by row; infinite and far values stop at the bounds.
    """
    if plan["person"]:
        rows = rows.filter(pc.is_valid(rows["person"]))
    numbers = _numbers(plan, rows)
    if plan["statistic"] in ("sum", "mean", "quantile"):
        known = ~np.isnan(numbers)
        rows = rows.filter(pa.array(known)) if plan["person"] else rows
        numbers = numbers[known]
    found = numbers.astype(np.int64)
    return bounded(rows["person"], found, plan) if plan["person"] else found


def _numbers(plan: Plan, rows: pa.Table) -> npt.NDArray[Any]:
    if plan["statistic"] == "count":
        return np.zeros(rows.num_rows, np.int64)
    if plan["statistic"] == "histogram":
        text = rows["value"].cast(pa.string())
        places = pc.index_in(text, value_set=pa.array(plan["names"], pa.string()), skip_nulls=True)
        return np.asarray(pc.fill_null(places, plan["categories"]).to_numpy(), np.int64)
    floats = rows["value"].cast(pa.float64(), safe=False).to_numpy()
    low, high = plan["lower"] + plan["shift"], plan["upper"] + plan["shift"]
    with np.errstate(over="ignore"):
        steps = np.rint(floats / plan["step"])
    return np.asarray(np.clip(steps, low, high) - plan["shift"], np.float64)


def bounded(persons: Any, found: Ints, plan: Plan) -> Ints:
    """At most so many rows of every person; of a histogram so many different categories."""
    most, coded = plan["contributions"], persons.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    people, index = coded.dictionary, coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    counts = np.bincount(index, minlength=1)
    if plan["statistic"] == "histogram" and counts.max(initial=0) > 1:
        width = plan["categories"] + 1
        pairs = np.sort(index * width + found)
        pairs = pairs[np.r_[True, pairs[1:] != pairs[:-1]]]
        index, found = pairs // width, pairs % width
        counts = np.bincount(index, minlength=1)
    if plan["statistic"] == "count":
        return np.zeros(int(np.minimum(counts, most).sum()), np.int64)
    over = counts > most
    if not over.any():
        return found
    much = over[index]
    return np.concatenate([found[~much], _chosen(_salts(people), index[much], found[much], most)])


def _chosen(salts: Hashes, index: Ints, found: Ints, most: int) -> Ints:
    """Of people with too many rows `most` each, chosen by a hash of person and value, so that no value is preferred.

    A stable sort: should two hashes of a person ever be the same in the bits compared, the order of this person's rows decides.
    """
    bits = np.uint64(len(salts).bit_length())
    keys = (index.astype(np.uint64) << (np.uint64(64) - bits)) | (
        _mixed(salts[index] ^ _mixed(found.view(np.uint64))) >> bits
    )
    order = np.argsort(keys, kind="stable")
    sorted_index = index[order]
    starts = np.flatnonzero(np.r_[True, sorted_index[1:] != sorted_index[:-1]])
    lengths = np.diff(np.r_[starts, len(order)])
    within = np.arange(len(order)) - np.repeat(starts, lengths)
    return np.asarray(found[order][within < most], np.int64)


def _salts(people: Any) -> Hashes:
    """A number for every person, from what tells the person apart only: a polynomial over the bytes, modulo 2^64."""
    if pa.types.is_integer(people.type):
        return _mixed(people.to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64))
    made = [_hashed(people.slice(start, _BLOCK).cast(pa.large_binary())) for start in range(0, len(people), _BLOCK)]
    return np.concatenate(made) if made else np.empty(0, np.uint64)


def _hashed(texts: Any) -> Hashes:
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]].astype(np.uint64)
    offsets = offsets - offsets[0]
    places = np.arange(len(data)) - np.repeat(offsets[:-1], np.diff(offsets))
    powers = np.cumprod(np.full(int(places.max(initial=0)) + 1, _BASE, np.uint64))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum((data + np.uint64(1)) * powers[places])])
    return _mixed(sums[offsets[1:]] - sums[offsets[:-1]])


def _mixed(number: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014)."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


def _opendp() -> Any:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    return dp


def _limit(plan: Plan) -> None:
    """No core, no file, no more memory and processor time than the plan says."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (plan["memory"], plan["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (plan["seconds"], plan["seconds"]))


def _tell(told: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, allow_nan=False) + "\n")
    sys.stdout.flush()


def versions() -> dict[str, str]:
    """Of everything that computed."""
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "opendp", "pyarrow")} | {"python": sys.version.split()[0]}


def main(pipe: BinaryIO) -> None:
    """The two steps: plan, then rows. What goes wrong is told by its kind only, for a library may repeat a value."""
    try:
        plan = json.loads(pipe.readline())
        _limit(plan)
        built = build(plan)
        told = {"scales": built.scales, "loss": built.loss, "accuracy": accuracy(plan, built)}
        _tell({**told, "versions": versions()})
        with pa.ipc.open_stream(pipe) as stream:
            found = values(plan, stream.read_all())
        _tell({"answer": built.measurement(found)})
    except Exception as error:
        _tell({"error": type(error).__name__})


if __name__ == "__main__":
    main(sys.stdin.buffer)

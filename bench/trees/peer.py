"""Trains the models that are compared, and measures the libraries that trained them: ``python peer.py FOLDER``.

Models and rows are made once and kept in the folder, with the margins that the library gives, so that whoever
is compared can be held to them. Then, for every line ``MODEL one`` or ``MODEL batch`` on stdin (margins), ``MODEL
explain-one`` or ``MODEL explain-batch`` (contributions), ``MODEL load`` or ``MODEL cold-MB`` (a row, each after so much other memory
was read), one line on stdout: the median microseconds a row (or a load), one thread.
"""

import ctypes
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt
import xgboost

FEATURES = 60
ROWS = 4096
BATCH = 1024
# These libraries explain a row after the other: more of them would only take longer.
EXPLAINED_BATCH = 8
SECONDS = 0.06
# What takes longer is measured once a round, without a run before it.
LONG_SECONDS = 1.0
COLD_ROWS = 100

Rows = npt.NDArray[np.float64]


def training_data() -> tuple[Rows, npt.NDArray[np.int64]]:
    """Numbers of which a tenth is missing, and a target that depends on most of them; float32 values in float64."""
    random = np.random.default_rng(1)
    rows = random.normal(size=(12_000, FEATURES)).astype(np.float32).astype(np.float64)
    strength = random.normal(size=FEATURES)
    signal = rows @ strength + 3 * np.sin(rows[:, 0] * rows[:, 1]) + 2 * rows[:, 2] * (rows[:, 3] > 0)
    target = (signal + 3 * random.normal(size=len(rows)) > 0).astype(np.int64)
    rows[random.random(rows.shape) < 0.1] = np.nan
    return rows, target


def train_xgboost(trees: int, depth: int, file: Path) -> None:
    """Depth-wise growth that fills the trees, as slow learning does."""
    rows, target = training_data()
    parameters = {
        "objective": "binary:logistic",
        "max_depth": depth,
        "eta": 0.02,
        "min_child_weight": 0,
        "nthread": 1,
        "seed": 1,
    }
    xgboost.train(parameters, xgboost.DMatrix(rows, target), trees).save_model(file)


def train_lightgbm(trees: int, leaves: int, depth: int, file: Path) -> None:
    """Leaf-wise growth; with a depth, trees of that depth that are about full."""
    rows, target = training_data()
    parameters = {
        "objective": "binary",
        "num_leaves": leaves,
        "max_depth": depth,
        "learning_rate": 0.02,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "seed": 1,
        "verbose": -1,
    }
    lightgbm.train(parameters, lightgbm.Dataset(rows, target), trees).save_model(file)


MODELS: dict[str, Callable[[Path], None]] = {
    "xgboost-300x6.json": lambda file: train_xgboost(300, 6, file),
    "xgboost-1000x8.json": lambda file: train_xgboost(1000, 8, file),
    "lightgbm-300x6.txt": lambda file: train_lightgbm(300, 64, 6, file),
    "lightgbm-1000x8.txt": lambda file: train_lightgbm(1000, 256, 8, file),
    "lightgbm-300x31-leaves.txt": lambda file: train_lightgbm(300, 31, -1, file),
    "lightgbm-500x255-leaves.txt": lambda file: train_lightgbm(500, 255, -1, file),
}


class XgboostPeer:
    """inplace_predict, which copies no rows."""

    def __init__(self, file: Path) -> None:
        self.booster = xgboost.Booster({"nthread": 1})
        self.booster.load_model(file)

    def margins(self, rows: Rows) -> Rows:
        margins = self.booster.inplace_predict(rows.astype(np.float32), predict_type="margin")
        return np.asarray(margins, dtype=np.float64)

    def one(self, rows: Rows) -> Callable[[int], object]:
        singles = rows.astype(np.float32)
        return lambda i: self.booster.inplace_predict(singles[i : i + 1], predict_type="margin")

    def batch(self, rows: Rows) -> Callable[[], object]:
        singles = rows.astype(np.float32)
        return lambda: self.booster.inplace_predict(singles, predict_type="margin")

    def contributions(self, rows: Rows) -> Rows:
        data = xgboost.DMatrix(rows, nthread=1)
        return np.asarray(self.booster.predict(data, pred_contribs=True), dtype=np.float64)


class LightgbmPeer:
    """One row by the C function that is made for it, without Python's wrapping; many rows by predict."""

    def __init__(self, file: Path) -> None:
        self.booster = lightgbm.Booster(model_file=file, params={"num_threads": 1})

    def margins(self, rows: Rows) -> Rows:
        return np.asarray(self.booster.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)

    def one(self, rows: Rows) -> Callable[[int], object]:
        library = lightgbm.basic._LIB  # type: ignore[attr-defined]
        fast = ctypes.c_void_p()
        raw_score, float64 = 1, 1
        settings = ctypes.c_char_p(b"num_threads=1")
        failed = library.LGBM_BoosterPredictForMatSingleRowFastInit(
            self.booster._handle,
            raw_score,
            0,
            -1,
            float64,
            FEATURES,
            settings,
            ctypes.byref(fast),
        )
        if failed:
            raise RuntimeError(library.LGBM_GetLastError())
        length = ctypes.c_int64()
        margin = (ctypes.c_double * 1)()
        rows = np.ascontiguousarray(rows)
        addresses = [ctypes.c_void_p(rows.ctypes.data + i * rows.strides[0]) for i in range(len(rows))]
        predict = library.LGBM_BoosterPredictForMatSingleRowFast
        return lambda i: predict(fast, addresses[i], ctypes.byref(length), margin)

    def batch(self, rows: Rows) -> Callable[[], object]:
        return lambda: self.booster.predict(rows, raw_score=True, num_threads=1)

    def contributions(self, rows: Rows) -> Rows:
        return np.asarray(self.booster.predict(rows, pred_contrib=True, num_threads=1))


def measure(work: Callable[[], int]) -> float:
    """The median microseconds a row over many short runs; ``work`` returns how many rows it did."""
    started = time.perf_counter()
    rows = work()
    seconds = time.perf_counter() - started
    if seconds > LONG_SECONDS:
        return seconds / rows * 1e6
    samples: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or not samples:
        started = time.perf_counter()
        rows = work()
        samples.append((time.perf_counter() - started) / rows * 1e6)
    return statistics.median(samples)


def measure_cold(one: Callable[[int], object], other: Rows) -> float:
    """The median microseconds of a row, each after all of ``other`` was read."""
    samples: list[float] = []
    for i in range(COLD_ROWS):
        other.sum()
        started = time.perf_counter()
        one(i)
        samples.append((time.perf_counter() - started) * 1e6)
    return statistics.median(samples)


def main(folder: Path) -> None:
    """Prepares everything, says ``ready``, and answers line after line."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = training_data()[0][:ROWS]
    rows.tofile(folder / "rows.f64")
    peers: dict[str, XgboostPeer | LightgbmPeer] = {}
    for name, train in MODELS.items():
        file = folder / name
        if not file.exists():
            train(file)
        peer = XgboostPeer(file) if name.startswith("xgboost") else LightgbmPeer(file)
        peer.margins(rows).tofile(folder / f"{name}.margins.f64")
        peers[name] = peer
    print("ready", flush=True)
    for line in sys.stdin:
        name, mode = line.split()
        if mode == "one":
            one = peers[name].one(rows)

            def some_rows(one: Callable[[int], object] = one) -> int:
                for i in range(32):
                    one(i)
                return 32

            print(measure(some_rows), flush=True)
        elif mode == "load":

            def load(file: Path = folder / name) -> int:
                XgboostPeer(file) if file.name.startswith("xgboost") else LightgbmPeer(file)
                return 1

            print(measure(load), flush=True)
        elif mode.startswith("cold-"):
            other = np.ones(int(mode.removeprefix("cold-")) * 2**20 // 8)
            print(measure_cold(peers[name].one(rows), other), flush=True)
        elif mode.startswith("explain"):
            count = 1 if mode == "explain-one" else EXPLAINED_BATCH
            part = rows[:count]

            def explained_rows(peer: XgboostPeer | LightgbmPeer = peers[name], part: Rows = part) -> int:
                peer.contributions(part)
                return len(part)

            print(measure(explained_rows), flush=True)
        else:
            batch = peers[name].batch(rows[:BATCH])

            def all_rows(batch: Callable[[], object] = batch) -> int:
                batch()
                return BATCH

            print(measure(all_rows), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

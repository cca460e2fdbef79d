"""Measure what a large put holds in memory at most, beyond the model and what is stored.

usage: python bench/memory.py [--rows 10000] [--model NAME] [--precision fp32] [--pictures FOLDER]

Each row has a JPEG file of 640x480 by path, all of them different pictures; FOLDER keeps them for the next time (a
gigabyte). The put is one call in a process of its own. Printed are megabytes of resident memory:

    loaded    with the model, before the put
    stored    the pictures' bytes and the vectors
    model     the model's own size: the files of its directory, or of the int8 weights that were made from it
    beyond    peak - stored - model
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKER = "--worker"


def pictures(folder: Path, rows: int) -> list[Path]:
    """Different files: each of some thirty pictures shifted, turned over and made lighter or darker."""
    import numpy as np
    from PIL import Image
    from run import photographs

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"row-{number:05}.jpg" for number in range(rows)]
    if all(path.exists() for path in paths):
        return paths
    bases = [np.asarray(Image.open(path)) for path in photographs(folder, 32)]
    random = np.random.default_rng(1)
    for number, path in enumerate(paths):
        base = np.roll(bases[number % len(bases)], tuple(random.integers(0, 480, 2)), (0, 1))
        base = base[:, ::-1] if number % 2 else base
        Image.fromarray((base * random.uniform(0.6, 1)).astype(np.uint8)).save(path, quality=88)
    return paths


def put(model: str, precision: str, folder: str, rows: int) -> dict[str, float]:
    import warnings

    from innerspace import framework as sl

    warnings.simplefilter("ignore")

    class Photo(sl.Schema):
        id: sl.IdField
        image: sl.Blob
        description: sl.String

    photo = Photo()
    space = sl.ImageSpace(image=photo.image + photo.description, model=model, precision=precision)
    source = sl.InMemorySource(photo)
    app = sl.InMemoryExecutor(sources=[source], indices=[sl.Index(space)]).run()
    loaded = resident("VmRSS")
    paths = [Path(folder) / f"row-{number:05}.jpg" for number in range(rows)]
    start = time.perf_counter()
    source.put([{"id": path.stem, "image": path} for path in paths])
    took = time.perf_counter() - start
    dimension = app.describe()["models"][0]["dimension"]
    stored = sum(path.stat().st_size for path in paths) + 4 * dimension * rows
    return {
        "loaded": loaded, "peak": resident("VmHWM"), "after": resident("VmRSS"), "stored": stored / 1e6,
        "rows/s": rows / took, "swapped": resource.getrusage(resource.RUSAGE_SELF).ru_nswap,
    }  # fmt: skip


def resident(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":")) * 1024 / 1e6


def size(model: str, precision: str, cache: Path) -> float:
    """Megabytes of the files that the model's numbers lie in."""
    prepared = sorted(cache.glob("models/*/weights.bin"))
    if precision == "int8" and prepared:
        # ONNX Runtime writes plain weights and laid-out ones; a quarter of the float32 file is what int8 takes.
        return weights(Path(model)) / 4
    if model == "embedded":
        import innerspace

        return weights(Path(innerspace.__file__).parent / "models" / "embedded")
    return weights(Path(model))


def weights(directory: Path) -> float:
    onnx = list(directory.rglob("*.onnx"))
    files = onnx or list(directory.glob("*.safetensors"))
    return sum(file.stat().st_size for file in files) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--precision", default="fp32", choices=["fp32", "int8"])
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.pictures or Path(name) / "pictures"
        pictures(folder, options.rows)
        cache = Path(os.environ.setdefault("INNERSPACE_CACHE_DIR", str(Path(name) / "cache")))
        task = [options.model, options.precision, str(folder), str(options.rows)]
        if options.precision == "int8":  # made in a process of its own: that takes more than running them
            subprocess.run([sys.executable, __file__, WORKER, *task[:3], "1"], check=True, stdout=subprocess.DEVNULL)
        run = subprocess.run([sys.executable, __file__, WORKER, *task], check=True, stdout=subprocess.PIPE)
        figures = json.loads(run.stdout)
        figures["model"] = size(options.model, options.precision, cache)
    figures["beyond"] = figures["peak"] - figures["stored"] - figures["model"]
    for name, value in figures.items():
        print(f"| {name:<8} | {value:10.1f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == [WORKER]:
        print(json.dumps(put(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))))
    else:
        main()

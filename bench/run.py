"""Measures innerspace as its user meets it; bench/README.md says what each row is.

usage: python bench/run.py [--rows 1000] [--repeats 5] [--model NAME] [--precision fp32]
                           [--wheel dist/innerspace-....whl] [--json FILE]
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

ROOT = Path(__file__).parent.parent
COLD_START = """
import warnings; warnings.simplefilter("ignore")
from innerspace import framework as sl
class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String
image = Image()
space = sl.ImageSpace(image=image.image + image.description)
index = sl.Index(space)
source = sl.InMemorySource(image)
app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
shapes = sl.datasets.shapes()
source.put([{"id": shape.id, "image": shape.path} for shape in shapes])
query = sl.Query(index).find(image).similar(space.image, sl.Param("p")).select_all()
assert app.query(query, p=shapes[0].path).entries[0].id == shapes[0].id
"""


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median(call: Callable[[], object], repeats: int) -> float:
    return statistics.median(seconds(call) for _ in range(repeats))


def python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "python")


def start_up(repeats: int) -> dict[str, float]:
    """Seconds to import and to the first result, alternating with an empty process."""
    empty, imported, cold = [], [], []
    for _ in range(repeats):
        empty.append(seconds(lambda: python("pass")))
        imported.append(seconds(lambda: python("import innerspace.framework")))
        cold.append(seconds(lambda: python(COLD_START)))
    base = statistics.median(empty)
    return {"import s": statistics.median(imported) - base, "cold start to first result s": statistics.median(cold)}


def photographs(folder: Path, count: int) -> list[Path]:
    """JPEG files of 640x480 with the detail of a photograph: blurred noise, shapes, grain."""
    random = np.random.default_rng(0)
    paths = []
    for number in range(count):
        coarse = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        picture = Pillow.fromarray(coarse).resize((640, 480), Pillow.Resampling.BICUBIC)
        draw = ImageDraw.Draw(picture)
        for _ in range(12):
            x, y = random.integers(0, 600), random.integers(0, 440)
            size = random.integers(20, 160)
            draw.ellipse((x, y, x + size, y + size), fill=tuple(int(c) for c in random.integers(0, 256, 3)))
        grain = random.normal(0, 8, (480, 640, 1))
        picture = Pillow.fromarray((np.asarray(picture.filter(ImageFilter.BLUR)) + grain).clip(0, 255).astype(np.uint8))
        paths.append(folder / f"{number:05}.jpg")
        picture.save(paths[-1], quality=88)
    return paths


def put_and_query(rows: int, repeats: int, model: str, precision: str) -> dict[str, float]:
    import warnings

    from innerspace import framework as sl

    warnings.simplefilter("ignore")

    class Photo(sl.Schema):
        id: sl.IdField
        image: sl.Blob
        description: sl.String

    photo = Photo()
    space = sl.ImageSpace(image=photo.image + photo.description, model=model, precision=precision)
    index = sl.Index(space)
    source = sl.InMemorySource(photo)
    app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
    query = (
        sl.Query(index)
        .find(photo)
        .similar(space.image, sl.Param("picture"))
        .similar(space.description, sl.Param("words"))
        .select(["description"])
        .limit(10)
    )
    with tempfile.TemporaryDirectory() as name:
        paths = photographs(Path(name), rows + 2 * repeats)
        before = app.describe()
        loaded = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
        took = seconds(lambda: source.put([{"id": path.stem, "image": path} for path in paths[:rows]]))
        after = app.describe()
        figures = {"put rows/s": rows / took, "put s": took}
        for part in ("decode", "preprocess", "image_inference"):
            figures[f"put, {part} s of work"] = after["timings"][part] - before["timings"][part]
        fresh = iter(paths[rows:])
        figures["query by image, warm ms"] = 1e3 * median(lambda: app.query(query, picture=next(fresh)), 2 * repeats)
        figures["query by image, cached ms"] = 1e3 * median(lambda: app.query(query, picture=paths[0]), 20 * repeats)
        words = iter(f"a photograph of {number} coloured balls" for number in range(2 * repeats))
        figures["query by text, warm ms"] = 1e3 * median(lambda: app.query(query, words=next(words)), 2 * repeats)
        app.query(query, words="a red circle")
        figures["query by text, cached ms"] = 1e3 * median(lambda: app.query(query, words="a red circle"), 20 * repeats)
    figures["RSS before the put MB"] = loaded
    figures["peak RSS MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return figures


def installed(wheel: Path) -> dict[str, float]:
    """Megabytes on disk of a new environment after `pip install wheel`, less the empty environment."""

    def size(folder: Path) -> int:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder, with_pip=True)
        empty = size(folder)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "-q", wheel], check=True)
        package = next((folder / "lib").glob("python*/site-packages/innerspace"))
        bundled = next((folder / "lib").glob("python*/site-packages/innerspace.libs"), None)
        own = size(package) + (size(bundled) if bundled else 0)
        return {
            "wheel MB": wheel.stat().st_size / 1e6,
            "installed, ours MB": own / 1e6,
            "installed with dependencies MB": (size(folder) - empty) / 1e6,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--model", default="embedded", help="what ImageSpace takes; start-up is timed with the embedded one only"
    )
    parser.add_argument("--precision", default="fp32", choices=["fp32", "int8"])
    parser.add_argument("--wheel", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = start_up(options.repeats) if options.model == "embedded" else {}
    figures |= put_and_query(options.rows, options.repeats, options.model, options.precision)
    if options.wheel:
        figures |= installed(options.wheel.resolve())
    print(f"{platform.machine()}, {platform.processor() or 'processor unknown'}, Python {platform.python_version()}")
    for name, value in figures.items():
        print(f"| {name:<32} | {value:10.3f} |")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()

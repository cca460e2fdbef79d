"""What int8 costs in quality: how many of the ten nearest rows stay the same.

usage: python bench/ranking.py MODEL [--rows 500] [--queries 100]

MODEL is what ImageSpace takes. Rows are drawn pictures and captions; the same rows are put into an app in fp32
and into one in int8, both are asked the same, and the identifiers of the first ten are compared.
"""

import argparse
import itertools
import tempfile
import warnings
from pathlib import Path
from typing import Any

from run import photographs

from innerspace import framework as sl

THINGS = ["dog", "car", "house", "circle", "square", "flower", "train", "banana", "clock", "bird", "mountain", "boat"]
COLOURS = ["red", "blue", "green", "golden", "dark", "striped", "tiny", "old", "shiny"]
PLACES = ["on a table", "in the park", "at night", "under water", "in the snow", "beside a road", "on the beach"]


class Row(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String


def build(model: str, precision: str, rows: list[dict[str, Any]]) -> tuple[Any, dict[str, Any]]:
    row = Row()
    space = sl.ImageSpace(image=row.image + row.description, model=model, precision=precision)
    index = sl.Index(space)
    source = sl.InMemorySource(row)
    app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
    source.put(rows)
    return app, {
        part: sl.Query(index).find(row).similar(field, sl.Param("input")).select(["description"]).limit(10)
        for part, field in (("image", space.image), ("text", space.description))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    captions = [f"a {colour} {thing} {place}" for thing, place, colour in itertools.product(THINGS, PLACES, COLOURS)]
    captions = captions[:: max(1, len(captions) // options.rows)][: options.rows]
    with tempfile.TemporaryDirectory() as name:
        paths = photographs(Path(name), options.rows)
        for rows_of, field, contents in (
            ("texts", "description", captions),
            ("images", "image", [str(path) for path in paths]),
        ):
            rows = [{"id": str(number), field: content} for number, content in enumerate(contents)]
            apps = [build(options.model, precision, rows) for precision in ("fp32", "int8")]
            for asked, inputs in (("text", captions), ("image", [str(path) for path in paths])):
                overlap, first = 0.0, 0.0
                chosen = inputs[:: max(1, len(inputs) // options.queries)][: options.queries]
                for content in chosen:
                    exact, rough = (
                        [entry.id for entry in app.query(queries[asked], input=content).entries]
                        for app, queries in apps
                    )
                    overlap += len(set(exact) & set(rough)) / len(exact)
                    first += exact[0] == rough[0]
                print(
                    f"{len(chosen)} queries by {asked} for {len(rows)} {rows_of}: "
                    f"overlap of the first ten {overlap / len(chosen):.3f}, same first {first / len(chosen):.3f}"
                )


if __name__ == "__main__":
    main()

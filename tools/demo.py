"""Executes the notebook, checks what its tables say, writes the executed notebook and an HTML page.

usage: python tools/demo.py NOTEBOOK OUT_FOLDER

The tables are read from the executed cells, so nothing here can pass without the engine having computed them.
"""

import math
import os
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter


class Table(NamedTuple):
    columns: list[str]
    rows: list[dict[str, str]]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]

    @property
    def scores(self) -> list[float]:
        return [float(row["similarity_score"]) for row in self.rows]


def tables(notebook: nbformat.NotebookNode) -> list[Table]:
    """The data frames that the cells tagged table-1, table-2, ... display."""
    found: dict[str, Table] = {}
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            if not tag.startswith("table-"):
                continue
            html = next(output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {}))
            head, *body = BeautifulSoup(html, "html.parser").find_all("tr")
            columns = [th.get_text() for th in head.find_all("th")][1:]
            rows = [dict(zip(columns, [td.get_text() for td in tr.find_all("td")], strict=True)) for tr in body]
            found[tag] = Table(columns, rows)
    return [found[tag] for tag in sorted(found)]


def check(found: list[Table]) -> list[str]:
    """What the notebook's text claims, by rank and id; the failures in words."""
    if len(found) != 5:
        return [f"five tables expected, {len(found)} found"]
    image, described, text, both, weighted = found
    failures = []

    def claim(holds: bool, words: str) -> None:
        if not holds:
            failures.append(words)

    for number, table in enumerate(found, 1):
        columns = ["image", "id", "similarity_score", "rank"]
        if number > 1:
            columns.insert(1, "description")
        claim(table.columns == columns, f"table {number}: columns {table.columns}, expected {columns}")
        claim(len(table.rows) == 5, f"table {number}: {len(table.rows)} rows, expected 5")
        claim([row["rank"] for row in table.rows] == list("01234"), f"table {number}: ranks do not count from 0")
        claim(table.scores == sorted(table.scores, reverse=True), f"table {number}: scores do not fall")
        claim(all(row["image"].startswith("iVBORw0KGgo") for row in table.rows), f"table {number}: images are not PNGs")
    if failures:
        return failures
    claim(image.ids[0] == "blue-square", "table 1: the identical picture is not first")
    claim(math.isclose(image.scores[0], 1.0, abs_tol=5e-7), f"table 1: it scores {image.scores[0]}, not 1.000000")
    claim(image.ids[1] == "blue-circle", "table 1: the blue circle is not second")
    claim(described.ids[0] == "blue-square", "table 2: the square is not first")
    claim(described.scores[0] < 1.0, "table 2: the descriptions changed nothing")
    lift = [table.scores[table.ids.index("red-rectangle")] for table in (image, described)]
    gap = [table.scores[table.ids.index("blue-circle")] - score for table, score in zip(found, lift, strict=False)]
    claim(gap[1] < gap[0], "table 2: the rectangle described as blue came no closer to the blue circle")
    claim(text.ids[:2] == ["red-circle-with-black-frame", "red-circle"], "table 3: the red circles do not lead")
    claim(set(both.ids[:2]) == {"blue-square", "red-circle"}, "table 4: what was asked for does not lead")
    claim(weighted.ids[0] == "red-circle", "table 5: the red circle is not first")
    claim(weighted.ids[-1] == "blue-square", "table 5: the blue square is not last")
    return failures


def show(found: list[Table]) -> None:
    titles = [
        "1  a picture of a blue square, no descriptions",
        "2  the same, with descriptions",
        '3  text: "black frame around a red circle"',
        '4  the picture and the text "red circle"',
        "5  the same, weights 0.1 and 1.0",
    ]
    for title, table in zip(titles, found, strict=True):
        print(f"\n{title}")
        for row in table.rows:
            described = row.get("description", "")
            print(f"  {row['rank']}  {float(row['similarity_score']):9.6f}  {row['id']:<28} {described}")


def main(source: Path, out: Path) -> int:
    notebook = nbformat.read(source, as_version=4)
    out.mkdir(parents=True, exist_ok=True)
    executed, page = out / source.name, out / f"{source.stem}.html"
    for old in (executed, page):
        old.unlink(missing_ok=True)
    # The kernel must import this tree's package and the embedded model, whatever the caller's shell says.
    os.environ.pop("INNERSPACE_MODEL", None)
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(source.parent)}},
        # Without it the kernel warns about its own transport on every start.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    try:
        client.execute()
    except CellExecutionError as failed:
        print(failed, file=sys.stderr)
        return 1
    finally:
        nbformat.write(notebook, executed)
        exporter = HTMLExporter(require_js_url="", mathjax_url="", jquery_url="")
        page.write_text(exporter.from_notebook_node(notebook)[0], encoding="utf-8")
    found = tables(notebook)
    failures = check(found)
    if len(found) == 5:
        show(found)
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    print(f"\n{'checks failed' if failures else 'all checks hold'}\nnotebook  {executed}\npage      {page}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

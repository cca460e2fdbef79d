"""Every example notebook runs, shows no warning, and its tables have the rows that its cells' tags name."""

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient

NOTEBOOKS = sorted(
    path
    for path in (Path(__file__).parents[3] / "notebooks").glob("*.ipynb")
    if path.stem != "image_embedding"  # ./build.sh demo runs and checks that one
)
INTENDED_WARNINGS = {"basic_building_blocks": "PutWarning: the schema Note has no field other"}


def ids(cell: nbformat.NotebookNode) -> list[str]:
    html = next(output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {}))
    head, *rows = BeautifulSoup(html, "html.parser").find_all("tr")
    position = [th.get_text() for th in head.find_all("th")].index("id")
    return [row.find_all(["th", "td"])[position].get_text() for row in rows]


def test_there_is_a_notebook_for_each_feature() -> None:
    assert len(NOTEBOOKS) >= 18


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "notebooks are kept without outputs"
    client = NotebookClient(notebook, timeout=120, extra_arguments=["--IPKernelApp.log_level=ERROR"])
    client.execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    errors = "".join(output.text for cell in code for output in cell.outputs if output.get("name") == "stderr")
    assert (path.stem in INTENDED_WARNINGS and INTENDED_WARNINGS[path.stem] in errors) or not errors
    tables = 0
    for cell in code:
        for tag in cell.metadata.get("tags", []):
            kind, _, names = tag.partition(":")
            wanted = names.split(",")
            found = ids(cell)
            assert (found if kind == "ids" else found[:1]) == wanted, cell.source
            tables += 1
    assert tables or path.stem in {"accessing_stored_vector_parts", "chunking", "query_result", "vector_sampler"}

"""What ``precision="int8"`` gives, in a process whose cache of models is empty."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys, warnings
import innerspace as sl

warnings.simplefilter("ignore")


class Picture(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String


def ask(precision):
    picture = Picture()
    space = sl.ImageSpace(image=picture.image + picture.description, model="embedded", precision=precision)
    index = sl.Index(space)
    source = sl.InMemorySource(picture)
    app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
    rows = [{"id": shape.id, "image": shape.path, "description": f"a {shape.id}"} for shape in sl.datasets.shapes()]
    source.put(rows)
    query = sl.Query(index).find(picture).similar(space.description, sl.Param("words")).select_all()
    found = {words: [[entry.id, entry.metadata.score] for entry in app.query(query, words=words).entries]
             for words in ("a red circle", "a blue square")}
    return {"found": found, "fingerprint": app.describe()["models"][0]["fingerprint"]}


print(json.dumps({precision: ask(precision) for precision in ("fp32", "int8")}))
"""


def test_int8_is_made_kept_and_ranks_alike(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):  # the second finds what the first has made
        environment = os.environ | {"INNERSPACE_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=300
        )
        runs.append(json.loads(done.stdout))
        assert len(list(tmp_path.glob("models/*/weights.bin"))) == 2
    assert runs[0] == runs[1]
    exact, rough = runs[0]["fp32"], runs[0]["int8"]
    assert exact["fingerprint"] != rough["fingerprint"]
    for words, entries in exact["found"].items():
        scores = dict(rough["found"][words])
        assert entries[0][0] == rough["found"][words][0][0]
        for name, score in entries:
            assert scores[name] == pytest.approx(score, abs=0.02)
        assert scores != dict(entries), "it must be int8 that is measured"

"""Writes text_space.json: what superlinked 37.3.0 makes of texts with the small BERT of testdata/models, in float32.

    python3 -m venv venv
    venv/bin/pip install superlinked==37.3.0 sentence-transformers==5.1.2 transformers==4.57.3 numpy==2.2.6 pandas==2.3.3
    HF_HUB_OFFLINE=1 venv/bin/python make_text_space.py

Texts are put one by one: several empty ones in a batch mix up the reference's rows.
"""

import json
import os
import pathlib

import superlinked.framework as sl
from superlinked.framework.common.space.embedding.model_based import model_downloader

HERE = pathlib.Path(__file__).parent
MODEL = "models/small/bert-mean-normalize"
TEXTS = {
    "cat": "The cat sat on the mat.",
    "dog": "Dogs are barking loudly outside!",
    "empty": "",
    "blank": "   ",
    "long": "The cat sat on the mat. Dogs are barking loudly outside. Stock markets fell sharply today, and nobody knows why.",
    "accents": "Ünïcödé déjà vu",
}
QUERIES = [
    [["The cat sat on the mat.", 1.0]], [["a dog", 2.5]], [["a dog", -1.0]], [["", 1.0]], [["a dog", 1.0], ["a cat", -0.5]], [],
]  # fmt: skip


class Page(sl.Schema):
    id: sl.IdField
    body: sl.String


def run(chunked: bool) -> dict:
    page = Page()
    body = sl.chunk(page.body, chunk_size=40, chunk_overlap=10) if chunked else page.body
    space = sl.TextSimilaritySpace(
        body, model=MODEL, embedding_engine_config=sl.EmbeddingEngineConfig(precision=sl.Precision.FLOAT32)
    )
    index = sl.Index(space)
    source = sl.InMemorySource(page)
    app = sl.InMemoryExecutor([source], [index]).run()
    for name, text in TEXTS.items():
        source.put({"id": name, "body": text})
    found = sl.VectorSampler(app).get_all_vectors(index, page)
    queries = []
    for clauses in QUERIES:
        query = sl.Query(index).find(page)
        for text, weight in clauses:
            query = query.similar(space, text, weight=weight)
        rows = app.query(query).entries
        queries.append({
            "clauses": clauses,
            "scores": {row.id: row.metadata.score for row in rows if row.id in TEXTS},
            "chunk_scores": [row.metadata.score for row in rows if row.id not in TEXTS],
        })  # fmt: skip
    return {
        "vectors": {name: [float(x) for x in vector] for name, vector in zip(found.id_list, found.vectors, strict=True) if name in TEXTS},
        "queries": queries,
    }  # fmt: skip


def main() -> None:
    os.chdir(HERE.parent)  # the model's name is a relative path, which the reference takes for a name on the hub
    for kind in list(vars(model_downloader).values()):
        if isinstance(kind, type) and hasattr(kind, "ensure_model_downloaded"):
            kind.ensure_model_downloaded = lambda *_, **__: None
    golden = {"texts": TEXTS, "whole": run(chunked=False), "chunked": run(chunked=True)}
    (HERE / "text_space.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

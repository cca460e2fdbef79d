"""Makes two_spaces.json: two image spaces in one index, as superlinked 37.3.0 scores them.

Only the model is replaced, by a table of random vectors (texts by themselves, flat pictures by
their colour); everything after the model's raw output is the reference's own code. The packages
of the models themselves are therefore not needed, and are replaced by empty modules.

    python3 -m venv venv
    venv/bin/pip install --no-deps superlinked==37.3.0
    venv/bin/pip install "numpy==2.2.6" "pandas==2.3.3" "pillow==11.3.0" "pydantic<3" "pydantic-settings<3" \
        "beartype<0.22" "cachetools<6" "structlog<26" "httpx<0.29" "requests<3" "opentelemetry-api<2" "opentelemetry-sdk<2" \
        "nest-asyncio<2" "aiofiles<25" "asgi-correlation-id<5" "graphviz<0.22" "Deprecated<2" "filelock<4" furl jinja2 \
        "instructor<2" rich "modal==1.1.3"
    venv/bin/python make_two_spaces.py
"""

import importlib.abc
import importlib.machinery
import json
import pathlib
import sys
import types

MODEL_PACKAGES = {"torch", "torchvision", "sentence_transformers", "open_clip", "transformers", "huggingface_hub"}


class EmptyModule(types.ModuleType):
    """A module in which every name is an empty class."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {})
        setattr(self, name, made)
        return made


class EmptyModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in MODEL_PACKAGES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return EmptyModule(spec.name)

    def exec_module(self, module):
        module.__path__ = []


sys.meta_path.insert(0, EmptyModules())

import numpy as np  # noqa: E402
import PIL.Image  # noqa: E402
from superlinked import framework as sl  # noqa: E402
from superlinked.framework.common.space.embedding.model_based import embedding_engine_manager as manager  # noqa: E402
from superlinked.framework.common.space.embedding.model_based.engine.sentence_transformers_engine import (  # noqa: E402
    SentenceTransformersEngine,
)
from superlinked.framework.common.util.image_util import ImageUtil  # noqa: E402

DIMENSION = 6
random = np.random.default_rng(20240811)
TEXTS = ["a red thing", "a blue thing", "something green", "words", "other words", "a title", "another title", ""]
COLOURS = {
    "red": [230, 20, 30],
    "blue": [10, 40, 220],
    "green": [30, 200, 60],
    "grey": [128, 128, 128],
    "yellow": [240, 230, 20],
}


def vector():
    return (random.normal(size=DIMENSION) * random.uniform(0.5, 9)).astype(np.float32).tolist()


TEXT_VECTORS = {text: vector() for text in TEXTS}
COLOUR_VECTORS = {name: vector() for name in COLOURS}


class TableEngine(SentenceTransformersEngine):
    """The engine of the reference with a table in the place of the model."""

    def _initialize_model(self):
        return None

    def is_query_prompt_supported(self):
        return False

    async def embed(self, inputs, is_query_context):
        return [self._look(value) for value in inputs]

    def _look(self, value):
        if isinstance(value, str):
            return TEXT_VECTORS[value]
        pixel = np.asarray(ImageUtil.open_image(value).convert("RGB"), dtype=float).mean(axis=(0, 1))
        nearest = min(COLOURS, key=lambda name: np.abs(pixel - COLOURS[name]).sum())
        return COLOUR_VECTORS[nearest]


for handler, engine in list(manager.ENGINE_BY_HANDLER.items()):
    if engine is SentenceTransformersEngine:
        manager.ENGINE_BY_HANDLER[handler] = TableEngine


class Item(sl.Schema):
    id: sl.IdField
    picture: sl.Blob
    caption: sl.String
    cover: sl.Blob
    title: sl.String


DEFINITION = {
    "version": 1,
    "schemas": [
        {
            "type": "schema",
            "name": "Item",
            "fields": [
                {"name": "id", "type": "id"},
                {"name": "picture", "type": "blob"},
                {"name": "caption", "type": "string"},
                {"name": "cover", "type": "blob"},
                {"name": "title", "type": "string"},
            ],
        }
    ],
    "spaces": [
        {
            "type": "image_space",
            "name": "picture",
            "fields": [{"schema": "Item", "image": "picture", "description": "caption"}],
            "model": {"name": "table", "path": "table"},
        },
        {
            "type": "image_space",
            "name": "cover",
            "fields": [{"schema": "Item", "image": "cover", "description": "title"}],
            "model": {"name": "table", "path": "table"},
        },
    ],
    "indices": [
        {"type": "index", "name": "both", "spaces": ["picture", "cover"]},
        {"type": "index", "name": "one", "spaces": ["cover"]},
    ],
}

item = Item()
spaces = {
    "picture": sl.ImageSpace(image=item.picture + item.caption, model="table"),
    "cover": sl.ImageSpace(image=item.cover + item.title, model="table"),
}
indices = {"both": sl.Index([spaces["picture"], spaces["cover"]]), "one": sl.Index([spaces["cover"]])}
source = sl.InMemorySource(item)
app = sl.InMemoryExecutor(sources=[source], indices=list(indices.values())).run()


def picture(name):
    return PIL.Image.new("RGB", (16, 16), tuple(COLOURS[name]))


PUTS = [
    [
        {"id": "all", "picture": "red", "caption": "a red thing", "cover": "blue", "title": "a title"},
        {"id": "10", "picture": "blue", "caption": "a blue thing", "cover": "green", "title": "another title"},
        {"id": "2", "picture": "blue", "caption": "a blue thing", "cover": "green", "title": "another title"},
        {"id": "no cover", "picture": "green", "caption": "something green"},
        {"id": "no picture", "cover": "red", "title": "words"},
        {"id": "texts", "caption": "words", "title": "other words"},
        {"id": "pictures", "picture": "yellow", "cover": "grey"},
        {"id": "nothing"},
        {"id": "again", "picture": "red", "caption": "a red thing", "cover": "yellow", "title": "a title"},
        {"id": "empty caption", "picture": "grey", "caption": "", "cover": "grey", "title": "other words"},
    ],
    [{"id": "again", "caption": "other words"}],
]


def similar(space, field, value, weight=None):
    clause = {"type": "similar", "space": space, "field": field, "value": value}
    if weight is not None:
        clause["weight"] = weight
    return clause


def literal(value):
    return {"value": value}


def param(name, **rest):
    return {"param": name, **rest}


def weights(**by_space):
    return [{"space": name, "weight": weight} for name, weight in by_space.items()]


RED, COVER = similar("picture", "image", param("red")), similar("cover", "image", param("cover"))
CAPTION, TITLE = (
    similar("picture", "description", param("caption"), param("caption_weight")),
    similar("cover", "description", param("title"), param("title_weight")),
)
ALL = [RED, CAPTION, COVER, TITLE]
GIVEN = {"red": "red", "caption": "words", "cover": "blue", "title": "another title"}
WEIGHTED = weights(picture=param("a"), cover=param("b"))

# index, members of the query document, parameters (a colour's name where the clause takes an image)
QUERIES = [
    ("both", {}, {}),
    ("both", {"clauses": ALL}, GIVEN),
    ("both", {"clauses": [RED]}, {"red": "red"}),
    ("both", {"clauses": [RED]}, {}),
    ("both", {"clauses": ALL}, {"caption": "words"}),
    ("both", {"clauses": ALL}, {**GIVEN, "caption_weight": 0.0, "title_weight": -2.5}),
    ("both", {"clauses": ALL, "space_weights": weights(picture=literal(1.0), cover=literal(0.0))}, GIVEN),
    ("both", {"clauses": ALL, "space_weights": weights(picture=literal(0.0), cover=literal(0.0))}, GIVEN),
    ("both", {"clauses": ALL, "space_weights": weights(picture=literal(-1.0), cover=literal(0.5))}, GIVEN),
    ("both", {"clauses": ALL, "space_weights": weights(picture=literal(2.0), cover=literal(3.0))}, GIVEN),
    ("both", {"clauses": ALL, "space_weights": WEIGHTED}, GIVEN),
    ("both", {"clauses": ALL, "space_weights": WEIGHTED}, {**GIVEN, "a": 0.25, "b": -4.0}),
    ("both", {"clauses": ALL, "space_weights": WEIGHTED}, {**GIVEN, "b": 0.0}),
    ("both", {"clauses": [RED], "space_weights": WEIGHTED}, {"red": "blue"}),
    ("both", {"clauses": [RED], "space_weights": WEIGHTED}, {"red": "blue", "b": 1.0}),
    ("both", {"clauses": [RED, CAPTION], "space_weights": weights(cover=literal(3.0))}, {"red": "blue"}),
    (
        "both",
        {
            "clauses": [
                similar("picture", "description", literal("words"), literal(2.0)),
                similar("picture", "description", literal("words"), literal(-2.0)),
                COVER,
            ]
        },
        {"cover": "yellow"},
    ),
    (
        "both",
        {
            "clauses": [
                similar("picture", "description", literal("words"), literal(0.3)),
                similar("picture", "description", literal("a title"), literal(-0.7)),
                similar("picture", "image", param("red"), literal(1.5)),
            ]
        },
        {"red": "grey"},
    ),
    ("both", {"clauses": [similar("cover", "description", literal(""))]}, {}),
    ("both", {"clauses": [similar("cover", "description", param("t", default="words"))]}, {}),
    ("both", {"clauses": [similar("cover", "description", param("t", default="words"))]}, {"t": None}),
    ("both", {"clauses": ALL, "limit": literal(3)}, GIVEN),
    ("both", {"clauses": ALL, "limit": param("n")}, {**GIVEN, "n": 0}),
    ("both", {"clauses": ALL, "radius": param("r")}, {**GIVEN, "r": 0.7}),
    ("both", {"clauses": ALL, "radius": param("r")}, {**GIVEN, "r": 0.0}),
    ("both", {"clauses": ALL, "select": {"type": "fields", "fields": literal(["title", "caption"])}}, GIVEN),
    ("both", {"clauses": ALL, "select": {"type": "fields", "fields": param("f")}}, {**GIVEN, "f": ["caption"]}),
    ("both", {"clauses": ALL, "vector_parts": ["cover", "picture"]}, GIVEN),
    ("both", {"clauses": ALL, "space_weights": WEIGHTED, "vector_parts": ["cover"]}, {**GIVEN, "a": -1.0, "b": 2.0}),
    ("one", {"clauses": [COVER, TITLE]}, {"cover": "blue", "title": "words"}),
    (
        "one",
        {"clauses": [COVER, TITLE], "space_weights": weights(cover=literal(0.0))},
        {"cover": "blue", "title": "words"},
    ),
    (
        "one",
        {"clauses": [COVER, TITLE], "space_weights": weights(cover=literal(-2.0))},
        {"cover": "blue", "title": "words", "title_weight": -0.4},
    ),
]


def operand(node):
    if "param" in node:
        return sl.Param(node["param"], **{key: node[key] for key in ("default", "options") if key in node})
    return node["value"]


def build(index, members):
    given = {spaces[w["space"]]: operand(w["weight"]) for w in members.get("space_weights", [])}
    query = sl.Query(indices[index], weights=given or None).find(item)
    for clause in members.get("clauses", []):
        space = spaces[clause["space"]]
        field = space.image if clause["field"] == "image" else space.description
        extra = {"weight": operand(clause["weight"])} if "weight" in clause else {}
        query = query.similar(field, operand(clause["value"]), **extra)
    if "limit" in members:
        query = query.limit(operand(members["limit"]))
    if "radius" in members:
        query = query.radius(operand(members["radius"]))
    parts = [spaces[name] for name in members.get("vector_parts", [])]
    select = members.get("select")
    if select and select["type"] == "fields":
        query = query.select(operand(select["fields"]), metadata=parts)
    elif select or parts:
        query = query.select_all(metadata=parts)
    return query.include_metadata()


def images_of(members):
    return {c["value"]["param"] for c in members.get("clauses", []) if c["field"] == "image"}


def ask(index, members, params):
    images = images_of(members)
    result = app.query(
        build(index, members), **{name: picture(v) if name in images else v for name, v in params.items()}
    )
    rows = []
    for entry in result.entries:
        row = {
            "id": entry.id,
            "score": float(entry.metadata.score),
            "partial_scores": [float(x) for x in entry.metadata.partial_scores],
            "fields": {name: value for name, value in entry.fields.items() if isinstance(value, str)},
        }
        if entry.metadata.vector_parts:
            row["vector_parts"] = [[float(x) for x in part] for part in entry.metadata.vector_parts]
        rows.append(row)
    document = {"version": 1, "type": "query", "index": index, "schema": "Item", "partial_scores": True, **members}
    weighing = {
        name: value
        for name, value in result.metadata.search_params.items()
        if not name.endswith("__") and name not in images
    }
    return {
        "query": document,
        "params": {n: v for n, v in params.items() if n not in images},
        "images": {n: v for n, v in params.items() if n in images},
        "search_vector": [float(x) for x in result.metadata.search_vector],
        "search_params": weighing,
        "rows": rows,
    }


for rows in PUTS:
    source.put(
        [
            {name: picture(value) if name in ("picture", "cover") else value for name, value in row.items()}
            for row in rows
        ]
    )

golden = {
    "about": "made by make_two_spaces.py with superlinked 37.3.0; a picture is a flat 16x16 image of the named colour",
    "definition": DEFINITION,
    "texts": TEXT_VECTORS,
    "colours": {name: {"rgb": rgb, "vector": COLOUR_VECTORS[name]} for name, rgb in COLOURS.items()},
    "puts": PUTS,
    "queries": [ask(*query) for query in QUERIES],
}
path = pathlib.Path(__file__).with_name("two_spaces.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
print(path, len(golden["queries"]), "queries")

"""Hypothesis strategies for cases: schemas, spaces, data and queries, in the form of testdata/goldens/cases.

What the reference does on purpose otherwise (docs/differences.md) is not generated.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

NOW = 1_723_303_545
DAY = 86_400
FIELDS = {
    "x": "Float",
    "n": "Integer",
    "t": "Timestamp",
    "c": "StringList",
    "s": "String",
    "v": "FloatList",
    "b": "Boolean",
}
NAMES = ["red", "green", "blue", "Red", "other"]
LENGTH = 3
FILTERS = {
    "Integer": ["==", "!=", "in", "not_in", ">", "<", ">=", "<="],
    "Timestamp": ["==", "!=", ">", "<", ">=", "<="],
    "Float": [">", "<", ">=", "<="],
    "String": ["==", "!=", "in", "not_in"],
    "Boolean": ["==", "!=", "is", "is_not"],
    "StringList": ["contains", "not_contains", "contains_all"],
}


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of few digits, whole ones among them, that rounding does not bring to another side of a limit."""
    return st.integers(int(low * 100), int(high * 100)).map(lambda number: number / 100)


weights = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5]), numbers(-3, 3))
names = st.lists(st.sampled_from(NAMES), max_size=3)
vectors = st.lists(numbers(-2, 2), min_size=LENGTH, max_size=LENGTH)
texts = st.sampled_from(["alpha", "beta", "", "é"])
times = st.integers(NOW - 40 * DAY, NOW + 3 * DAY)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Float": numbers(-5, 15),
    "Integer": st.integers(-5, 15),
    "Timestamp": times,
    "StringList": names,
    "String": st.one_of(texts, st.sampled_from(NAMES)),
    "FloatList": st.one_of(vectors, st.just([0.0] * LENGTH)),
    "Boolean": st.booleans(),
}


@st.composite
def spaces(draw: st.DrawFn) -> Json:
    """One space over fields of Item, and of User where it has one of the kind."""
    kind = draw(st.sampled_from(["number", "number", "recency", "category", "custom"]))
    if kind == "number":
        low = draw(st.sampled_from([0, 1, 2.5]))
        space: Json = {
            "type": "NumberSpace",
            "fields": draw(st.sampled_from(["Item.x", "Item.n", ["Item.x", "User.n"], ["Item.n", "User.n"]])),
            "min_value": low,
            "max_value": low + draw(st.sampled_from([1, 5, 10])),
            "mode": draw(st.sampled_from(["MAXIMUM", "MINIMUM", "SIMILAR", "SIMILAR"])),
            "aggregation_mode": draw(st.sampled_from(["INPUT_AVERAGE", "INPUT_MINIMUM", "INPUT_MAXIMUM"])),
        }
        if draw(st.booleans()) and space["mode"] != "MINIMUM":  # a logarithm of what is far below the range
            space["scale"] = "log"
    elif kind == "recency":
        periods = draw(st.lists(st.sampled_from([3600, DAY, 3 * DAY, 20 * DAY]), min_size=1, max_size=3, unique=True))
        space = {
            "type": "RecencySpace",
            "fields": "Item.t",
            "periods": [[seconds, draw(st.sampled_from([1.0, 0.5, 2.0]))] for seconds in periods],
            "offset_hours": draw(st.sampled_from([0, 5, -7])),
        }
    elif kind == "category":
        space = {
            "type": "CategoricalSimilaritySpace",
            "fields": draw(st.sampled_from(["Item.c", "Item.s", ["Item.c", "User.c"]])),
            "categories": NAMES[: draw(st.integers(1, 4))],
            "uncategorized_as_category": draw(st.booleans()),
        }
    else:
        space = {
            "type": "CustomSpace",
            "fields": draw(st.sampled_from(["Item.v", ["Item.v", "User.v"]])),
            "length": LENGTH,
        }
    if kind != "custom":
        space["negative_filter"] = draw(st.sampled_from([0.0, 0.0, -0.5, -1.0]))
    return space


@st.composite
def rows(draw: st.DrawFn, schema: str, fields: dict[str, str]) -> list[Json]:
    """Rows of a schema; ids repeat between puts, not within one."""
    ids = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True))
    made = []
    for name in ids:
        row: Json = {"id": f"{schema[0]}{name}"}
        for field, kind in fields.items():
            if draw(st.integers(0, 4)):
                row[field] = draw(VALUES[kind])
        made.append(row)
    return made


def similar_value(space: Json) -> st.SearchStrategy[Any] | None:
    """Values that a query may look for in a space; None where it cannot."""
    match space["type"]:
        case "NumberSpace" if space["mode"] == "SIMILAR":
            return numbers(-5, 15)
        case "CategoricalSimilaritySpace":
            return st.one_of(names, st.sampled_from(NAMES))
        case "CustomSpace":
            return vectors
    return None


def as_param(draw: st.DrawFn, value: Any, params: Json, prefix: str) -> Any:
    """Return the value itself, or a Param that has it, by default or when the query runs, or that has none."""
    form = draw(st.sampled_from(["literal", "literal", "given", "default", "unset"]))
    if form == "literal":
        return value
    name = f"{prefix}{len(params)}"
    params[name] = value if form == "given" else None
    return {"param": name, "default": value} if form == "default" else {"param": name}


@st.composite
def queries(draw: st.DrawFn, made: dict[str, Json], schemas: list[str], fields: dict[str, str]) -> Json:
    """A query over the index."""
    params: Json = {}
    clauses: list[Json] = []
    step: Json = {"op": "query", "index": "index", "find": draw(st.sampled_from(schemas))}
    known = {
        name: space for name, space in made.items() if any(path.startswith(step["find"]) for path in listed(space))
    }
    weighted = draw(st.lists(st.sampled_from(sorted(made)), unique=True))
    if weighted and draw(st.booleans()):
        step["weights"] = {name: as_param(draw, draw(weights), params, "w") for name in weighted}
    for name in draw(st.lists(st.sampled_from(sorted(made)), max_size=3)):
        value = similar_value(made[name])
        if value is None or name not in known:
            continue
        clause: Json = {"space": name, "value": as_param(draw, draw(value), params, "v")}
        if draw(st.booleans()):
            clause["weight"] = as_param(draw, draw(weights), params, "u")
        clauses.append({"similar": clause})
    if draw(st.integers(0, 3)) == 0:
        schema = draw(st.sampled_from(schemas))
        clause = {"schema": schema, "id": as_param(draw, schema[0] + draw(st.sampled_from("abcde")), params, "k")}
        form = draw(st.sampled_from(["none", "one", "each"]))
        if form == "one":
            clause["weight"] = draw(weights)
        elif form == "each":
            clause["weights"] = {name: draw(weights) for name in weighted}
        clauses.append({"with_vector": clause})
    if step["find"] == "Item":
        clauses += draw(filters(fields, params))
    if draw(st.integers(0, 3)) == 0:
        clauses.append({"override_now": as_param(draw, draw(times), params, "t")})
    if draw(st.integers(0, 3)) == 0:
        clauses.append({"limit": draw(st.sampled_from([None, 0, 1, 2, -1]))})
    if draw(st.integers(0, 4)) == 0:
        clauses.append({"radius": draw(st.sampled_from([None, 0.0, 0.31, 0.73, 1.0]))})
    chosen = draw(st.lists(st.sampled_from(sorted(made)), unique=True))
    clauses.append({"select_all": {"metadata": chosen} if chosen else {}})
    if draw(st.booleans()):
        clauses.append({"include_metadata": True})
    return {**step, "clauses": clauses, "params": {k: v for k, v in params.items() if v is not None}}


@st.composite
def filters(draw: st.DrawFn, fields: dict[str, str], params: Json) -> list[Json]:
    """Up to two filters, each a condition or two of which one must hold."""
    made: list[Json] = []
    candidates = [name for name, kind in fields.items() if kind in FILTERS]
    for _ in range(draw(st.integers(0, 2)) if candidates else 0):
        conditions = []
        for name in draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=2)):
            kind = fields[name]
            operator = draw(st.sampled_from(FILTERS[kind]))
            value = draw(VALUES[kind])
            if operator in ("in", "not_in"):
                value = draw(st.lists(VALUES[kind], max_size=3))
            conditions.append({"field": f"Item.{name}", "op": operator, "value": as_param(draw, value, params, "f")})
        made.append({"filter": conditions[0] if len(conditions) == 1 else {"or": conditions}})
    return made


def listed(space: Json) -> list[str]:
    """Return the fields of a space."""
    fields = space["fields"]
    return fields if isinstance(fields, list) else [fields]


@st.composite
def cases(draw: st.DrawFn) -> Json:
    """A whole case."""
    made = {f"s{number}": space for number, space in enumerate(draw(st.lists(spaces(), min_size=1, max_size=4)))}
    for name, space in made.items():
        space["salt"] = name
    item = dict(FIELDS)
    user = {"n": "Integer", "c": "StringList", "v": "FloatList"}
    indexed = [f"Item.{name}" for name, kind in item.items() if kind in FILTERS]
    steps: list[Json] = []
    with_user = [any(path.startswith("User") for path in listed(space)) for space in made.values()]
    # Where a schema lacks a field in two like spaces, the reference's vectors are too short.
    used = ["Item", "User"] if any(with_user) and with_user.count(False) <= 1 else ["Item"]
    if used == ["Item"]:
        for space in made.values():
            space["fields"] = listed(space)[0]
    for _ in range(draw(st.integers(1, 3))):
        steps.append({"op": "put", "schema": "Item", "data": draw(rows("Item", item))})
        if "User" in used and draw(st.booleans()):
            steps.append({"op": "put", "schema": "User", "data": draw(rows("User", user))})
    for schema in used:
        steps.append({"op": "vectors", "index": "index", "schema": schema})
    steps += draw(st.lists(queries(made, used, item), min_size=1, max_size=4))
    return {
        "format": "golden-case-1",
        "now": NOW,
        "schemas": [described("Item", item), described("User", user)],
        "spaces": made,
        "indices": {"index": {"spaces": draw(st.permutations(sorted(made))), "fields": indexed}},
        "steps": steps,
    }


def described(name: str, fields: dict[str, str]) -> Json:
    """Return a schema in which every field but the id is optional."""
    optional = [{"name": field, "type": kind, "optional": True} for field, kind in fields.items()]
    return {"name": name, "event": False, "fields": [{"name": "id", "type": "Id"}, *optional]}

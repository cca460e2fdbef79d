"""Runs the steps of a case, and says what came out as the goldens say it."""

from __future__ import annotations

from typing import Any

from case import Json, World, frame_or_rows, value_of

import innerspace as sl


def outcome(world: World, step: Json) -> Json:
    """Return what a step gives: its result, or the error that it raises."""
    try:
        return _RUNNERS[step["op"]](world, step)
    except Exception as error:
        return {"error": described(error)}


def described(error: Exception) -> Json:
    """Return an error as the goldens describe it."""
    bases = [kind.__name__ for kind in type(error).__mro__[1:] if kind.__name__.endswith("Exception")]
    return {"class": type(error).__name__, "bases": bases, "message": str(error)}


def _put(world: World, step: Json) -> Json:
    world.sources[step["schema"]].put(frame_or_rows(step))
    return {"ok": True}


def _vectors(world: World, step: Json) -> Json:
    sampler = sl.VectorSampler(world.app)
    index, schema = world.indices[step["index"]], world.schemas[step["schema"]]
    found = (
        sampler.get_vectors_by_ids(step["ids"], index, schema)
        if "ids" in step
        else sampler.get_all_vectors(index, schema)
    )
    return {
        "vectors": dict(
            zip(found.id_list, ([float(entry) for entry in vector] for vector in found.vectors), strict=True)
        )
    }


def _query(world: World, step: Json) -> Json:
    weights = {"weights": world.weights(step["weights"])} if "weights" in step else {}
    query: Any = sl.Query(world.indices[step["index"]], **weights).find(world.schemas[step["find"]])
    for clause in step.get("clauses", []):
        ((kind, given),) = clause.items()
        query = _CLAUSES[kind](world, query, given)
    result = world.app.query(query, **step.get("params", {}))
    rows = []
    for entry in result.entries:
        row: Json = {"id": entry.id, "score": entry.metadata.score, "fields": entry.fields}
        if entry.metadata.partial_scores:
            row["partial_scores"] = list(entry.metadata.partial_scores)
        if entry.metadata.vector_parts:
            row["vector_parts"] = [list(part) for part in entry.metadata.vector_parts]
        rows.append(row)
    return {
        "search_vector": list(result.metadata.search_vector),
        "user_params": {k: v for k, v in result.metadata.search_params.items() if not k.endswith("__")},
        "rows": rows,
        "pandas_columns": list(sl.PandasConverter.to_pandas(result).columns),
    }


def _similar(world: World, query: Any, given: Json) -> Any:
    weight = {"weight": value_of(given["weight"])} if "weight" in given else {}
    return query.similar(world.spaces[given["space"]], value_of(given["value"]), **weight)


def _with_vector(world: World, query: Any, given: Json) -> Any:
    weight: Json = {"weight": value_of(given["weight"])} if "weight" in given else {}
    if "weights" in given:
        weight["weight"] = world.weights(given["weights"])
    return query.with_vector(world.schemas[given["schema"]], value_of(given["id"]), **weight)


def _metadata(world: World, given: Json | None) -> Json:
    if not given or "metadata" not in given:
        return {}
    return {"metadata": [world.spaces[name] for name in given["metadata"]]}


_RUNNERS = {"put": _put, "query": _query, "vectors": _vectors}
_CLAUSES: dict[str, Any] = {
    "similar": _similar,
    "with_vector": _with_vector,
    "filter": lambda world, query, given: query.filter(world.condition(given)),
    "limit": lambda world, query, given: query.limit(value_of(given)),
    "radius": lambda world, query, given: query.radius(value_of(given)),
    "select": lambda world, query, given: query.select(value_of(given["fields"]), **_metadata(world, given)),
    "select_all": lambda world, query, given: query.select_all(**_metadata(world, given)),
    "include_metadata": lambda world, query, given: query.include_metadata(),
    "override_now": lambda world, query, given: query.override_now(value_of(given)),
    "space_weights": lambda world, query, given: query.space_weights(world.weights(given)),
}

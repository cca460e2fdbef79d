"""Writes random cases of the form of cases/: random schemas, spaces, rows and queries, with what superlinked 37.3.0 makes of them.

    python3 -m venv venv
    venv/bin/pip install superlinked==37.3.0 sentence-transformers==5.1.2 transformers==4.57.3 numpy==2.2.6 pandas==2.3.3
    HF_HUB_OFFLINE=1 venv/bin/python make_random_cases.py random 1000 1024

writes random/random_1000.json to random/random_1023.json; cases from random_5000 on have events, from random_6000 on users put again in part; those from random_7000 on were
found by bench/differential. The steps are run by python/tests/goldens, with the reference in
the place of innerspace; Go and Python replay the files. A case that ever failed belongs into random/ for good.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).parent
NOW = 1723303545
FIRST_WITH_EVENTS = 5000
FIRST_WITH_PARTIAL_PUTS = 6000
CATEGORIES = ["red", "green", "blue", "gold", "grey"]
FIELDS = {
    "x": "Float", "n": "Integer", "t": "Timestamp", "c": "StringList", "s": "String", "v": "FloatList", "b": "Boolean", "name": "String",
}  # fmt: skip
FILTERABLE = ("x", "n", "t", "c", "s", "b", "name")


def reference():
    """Return the case runner of python/tests/goldens with the reference behind it."""
    framework = importlib.import_module("superlinked.framework")
    modes = importlib.import_module("superlinked.framework.dsl.space.input_aggregation_mode")
    framework.InputAggregationMode = modes.InputAggregationMode
    sys.modules["innerspace"] = framework
    sys.path.insert(0, str(HERE.parents[1] / "python" / "tests" / "goldens"))
    return importlib.import_module("case"), importlib.import_module("steps")


def vectors(world, step):
    """Return the stored vectors of all rows; the reference gives a list where we give an array."""
    sampler = importlib.import_module("superlinked.framework").VectorSampler(world.app)
    found = sampler.get_all_vectors(world.indices[step["index"]], world.schemas[step["schema"]])
    return {
        "vectors": {name: [float(x) for x in vector] for name, vector in zip(found.id_list, found.vectors, strict=True)}
    }


class Case:
    """One random case."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.seed = seed
        self.low = self.rng.choice([0, self.number(-50, 20), 1])
        self.length = self.rng.randint(1, 4)
        self.users = self.rng.random() < 0.3
        self.spaces = {
            kind: self.space(kind)
            for kind in self.rng.sample(["num", "int", "rec", "cat", "str", "cus"], self.rng.randint(1, 5))
        }
        self.order = self.rng.sample(list(self.spaces), len(self.spaces))

    def number(self, low, high):
        return round(self.rng.uniform(low, high), 3)

    def maybe(self, chance):
        return self.rng.random() < chance

    def fields(self, name):
        return [f"Item.{name}", f"User.{name}"] if self.users and self.maybe(0.6) else f"Item.{name}"

    def space(self, kind):
        negative = self.rng.choice([0.0, 0.0, -0.5, -3.0])
        if kind in ("num", "int"):
            logarithmic = self.maybe(0.3)
            low = abs(self.low) if logarithmic else self.low
            made = {"type": "NumberSpace", "fields": self.fields("x" if kind == "num" else "n"), "min_value": low,
                    "max_value": round(low + self.number(0.5, 100), 3), "mode": self.rng.choice(["MAXIMUM", "MINIMUM", "SIMILAR", "SIMILAR"]),
                    "negative_filter": negative,
                    "aggregation_mode": self.rng.choice(["INPUT_AVERAGE", "INPUT_AVERAGE", "INPUT_MINIMUM", "INPUT_MAXIMUM"])}  # fmt: skip
            return made | ({"scale": "log"} if logarithmic else {})
        if kind == "rec":
            days = self.rng.sample(range(1, 40), self.rng.randint(1, 3))
            made = {"type": "RecencySpace", "fields": self.fields("t"), "negative_filter": negative,
                    "periods": [[43200 * day, self.rng.choice([1.0, 0.5, 2.0])] for day in days]}  # fmt: skip
            return made | ({"offset_hours": self.rng.randint(0, 23)} if self.maybe(0.3) else {})
        if kind in ("cat", "str"):
            return {"type": "CategoricalSimilaritySpace", "fields": self.fields("c" if kind == "cat" else "s"),
                    "categories": CATEGORIES[: self.rng.randint(1, 4)], "negative_filter": negative,
                    "uncategorized_as_category": self.maybe(0.6)}  # fmt: skip
        return {"type": "CustomSpace", "fields": self.fields("v"), "length": self.length}

    def row(self, name):
        values = {
            "x": self.number(self.low - 30, self.low + 120),
            "n": abs(self.rng.randint(int(self.low) - 20, int(self.low) + 120)),
            "t": NOW - self.rng.randint(-100000, 3000000),
            "c": self.rng.sample(CATEGORIES, self.rng.randint(0, 3)),
            "s": self.rng.choice(CATEGORIES),
            "v": [self.number(-2, 2) for _ in range(self.length)],
            "b": self.maybe(0.5),
            "name": self.rng.choice(["alpha", "beta", "gamma"]),
        }
        if values["x"] <= -0.9:  # a logarithmic scale begins above -1
            values["x"] = -values["x"]
        return {"id": name} | {field: value for field, value in values.items() if self.maybe(0.85)}

    def weight(self):
        return self.rng.choice([1.0, 0.0, 2.0, -1.0, self.number(-2, 2), 0.5])

    def weights(self):
        return {name: self.weight() for name in self.rng.sample(self.order, self.rng.randint(1, len(self.order)))}

    def value(self, kind):
        space = self.spaces[kind]
        if space["type"] == "NumberSpace":
            return self.number(0, 110) if "scale" in space else self.number(self.low - 10, self.low + 110)
        if space["type"] == "CustomSpace":
            return [self.number(-2, 2) for _ in range(self.length)]
        return self.rng.choice(CATEGORIES) if self.maybe(0.5) else self.rng.sample(CATEGORIES, self.rng.randint(0, 3))

    def condition(self):
        field, operator, value = self.rng.choice([
            ("x", ">", self.number(self.low - 10, self.low + 60)), ("x", "<=", self.number(self.low, self.low + 60)),
            ("n", "in", [self.rng.randint(0, 100) for _ in range(3)]), ("n", "!=", self.rng.randint(0, 100)), ("n", ">=", self.rng.randint(0, 60)),
            ("name", "==", "alpha"), ("name", "not_in", ["alpha", "beta"]), ("c", "contains", self.rng.choice([["red", "blue"], "green"])),
            ("c", "not_contains", ["red"]), ("c", "contains_all", ["red", "green"]), ("b", "is", True), ("b", "==", False),
            ("t", "<", NOW - 500000), ("s", "in", ["red", "gold"]),
        ])  # fmt: skip
        return {"field": f"Item.{field}", "op": operator, "value": value}

    def similar(self, step):
        for kind in self.order:
            space = self.spaces[kind]
            if space["type"] == "RecencySpace" or space.get("mode") in ("MAXIMUM", "MINIMUM"):
                continue
            for _ in range(self.rng.choice([0, 1, 1, 2])):
                clause = {"space": kind, "value": self.value(kind)}
                if self.maybe(0.5):
                    clause["weight"] = self.weight()
                if self.maybe(0.2):
                    params = step.setdefault("params", {})
                    name = f"p{len(params)}"
                    params[name], clause["value"] = clause["value"], {"param": name}
                yield {"similar": clause}

    def with_vector(self):
        shared = any(isinstance(space["fields"], list) for space in self.spaces.values())
        clause = {"schema": "User", "id": "u0"} if shared and self.maybe(0.5) else {"schema": "Item", "id": "m1"}
        if self.maybe(0.5):
            return clause | {"weight": self.weight()}
        return clause | ({"weights": self.weights()} if self.maybe(0.5) else {})

    def query(self):
        step = {"op": "query", "index": "idx", "find": "Item"}
        if self.maybe(0.6):
            step["weights"] = self.weights()
        clauses = list(self.similar(step))
        if self.maybe(0.35):
            clauses.append({"with_vector": self.with_vector()})
        for _ in range(self.rng.choice([0, 0, 0, 1, 2])):
            clauses.append(
                {"filter": self.condition() if self.maybe(0.6) else {"or": [self.condition(), self.condition()]}}
            )
        if self.maybe(0.2):
            clauses.append({"limit": self.rng.randint(1, 5)})
        if self.maybe(0.2):
            clauses.append({"radius": round(self.rng.random(), 2)})
        if self.maybe(0.15):
            clauses.append({"override_now": NOW - self.rng.randint(0, 2000000)})
        if self.maybe(0.7):
            clauses.append({"include_metadata": True})
        clauses.append({"select_all": {} if self.maybe(0.7) else {"metadata": self.rng.sample(self.order, 1)}})
        return step | {"clauses": clauses}

    def made(self):
        fields = [
            {"name": "id", "type": "Id"},
            *({"name": name, "type": kind, "optional": True} for name, kind in FIELDS.items()),
        ]
        steps = [{"op": "put", "schema": "Item", "data": [self.row(f"m{i}") for i in range(self.rng.randint(3, 9))]}]
        if self.users:
            steps.append({"op": "put", "schema": "User", "data": [self.row(f"u{i}") for i in range(2)]})
        if self.maybe(0.3):
            steps.append({"op": "put", "schema": "Item", "data": self.row("m0")})
        steps.append({"op": "vectors", "index": "idx", "schema": "Item"})
        steps.extend(self.query() for _ in range(self.rng.randint(3, 6)))
        return {
            "format": "golden-case-1", "reference_version": "37.3.0", "seed": self.seed, "name": f"random_{self.seed}", "about": "random", "now": NOW,
            "schemas": [{"name": name, "event": False, "fields": fields} for name in (["Item", "User"] if self.users else ["Item"])],
            "spaces": self.spaces, "indices": {"idx": {"spaces": self.order, "fields": [f"Item.{name}" for name in FILTERABLE]}}, "steps": steps,
        }  # fmt: skip


class EventCase(Case):
    """A random case whose users are changed by events."""

    def __init__(self, seed):
        super().__init__(seed)
        self.users = True
        for space in self.spaces.values():
            field = space["fields"][0] if isinstance(space["fields"], list) else space["fields"]
            name = field.split(".")[1]
            space["fields"] = [f"Item.{name}", f"User.{name}"]

    def effect(self):
        condition = {"field": "Event.kind", "op": "==", "value": self.rng.choice(["read", "like", "hate"])}
        return {
            "space": self.rng.choice(self.order), "affected": "Event.user", "affecting": "Event.item",
            "multiplier": self.rng.choice([1.0, 0.5, -1.0, 2.5]), "filter": condition,
        }  # fmt: skip

    def event(self, number, kinds):
        kind = self.rng.choice(["read", "read", "like", "hate", "other"])
        # The reference makes a row of an unknown user even where no effect applies to the event; we do not.
        users = ["u0", "u1", "u2"] if kind in kinds else ["u0", "u1"]
        return {
            "id": f"e{number}", "created_at": NOW - self.rng.randint(0, 40 * 86400), "item": f"m{self.rng.randint(0, 4)}",
            "user": self.rng.choice(users), "kind": kind,
        }  # fmt: skip

    def complete(self, name):
        row = self.row(name)
        while any(space["fields"][0].split(".")[1] not in row for space in self.spaces.values()):
            row = self.row(name)
        return row

    def made(self):
        case = super().made()
        case["schemas"].append({"name": "Event", "event": True, "fields": [
            {"name": "id", "type": "Id"}, {"name": "created_at", "type": "CreatedAt"}, {"name": "item", "type": "SchemaReference", "ref": "Item"},
            {"name": "user", "type": "SchemaReference", "ref": "User"}, {"name": "kind", "type": "String"},
        ]})  # fmt: skip
        index = case["indices"]["idx"]
        index["effects"] = [self.effect() for _ in range(self.rng.randint(1, 4))]
        for share in ("temperature", "event_influence", "time_decay_floor"):
            if self.maybe(0.5):
                index[share] = self.rng.choice([0.0, 1.0, self.number(0, 1)])
        if self.maybe(0.4):
            index["max_age_seconds"] = self.rng.randint(1, 30) * 86400
        kinds = {effect["filter"]["value"] for effect in index["effects"]}
        look = {"op": "vectors", "index": "idx", "schema": "User"}
        items = [self.complete(f"m{i}") for i in range(4)]
        steps = [
            {"op": "put", "schema": "Item", "data": items},
            {"op": "put", "schema": "User", "data": [self.complete("u0"), self.row("u1")]},
        ]
        for number in range(self.rng.randint(1, 5)):
            steps += [{"op": "put", "schema": "Event", "data": self.event(number, kinds)}, look]
        steps += [
            {
                "op": "put",
                "schema": "Event",
                "data": [self.event(10 + i, kinds) for i in range(self.rng.randint(0, 4))],
            },
            look,
        ]
        if self.maybe(0.5):
            steps += [
                {
                    "op": "put",
                    "schema": "User",
                    "data": self.row("u0") if self.seed >= FIRST_WITH_PARTIAL_PUTS else self.complete("u0"),
                },
                look,
            ]
        return case | {"steps": [dict(step) for step in steps]}


def main():
    folder, first, last = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    case_module, steps_module = reference()
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, last):
        made = (EventCase if seed >= FIRST_WITH_EVENTS else Case)(seed).made()
        world = case_module.World(made)
        for step in made["steps"]:
            step["expect"] = vectors(world, step) if step["op"] == "vectors" else steps_module.outcome(world, step)
            if "error" in step["expect"]:
                step["expect"]["error"]["message"] = step["expect"]["error"]["message"][:400]
        (folder / f"{made['name']}.json").write_text(json.dumps(made, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

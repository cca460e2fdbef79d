from __future__ import annotations

from pathlib import Path

import pytest
from case import Json, World, load, names
from comparison import difference
from steps import described, outcome

import innerspace as sl


@pytest.mark.parametrize("name", names())
def test_case(name: str, deviations: dict[str, str]) -> None:
    case = load(name)
    if "expect_build" in case:
        with pytest.raises(sl.InnerspaceException) as refused:
            World(case)
        assert difference(case["expect_build"], {"error": described(refused.value)}) is None
        return
    check(name, case, deviations)


@pytest.mark.parametrize("name", names("random"))
def test_random_case(name: str, deviations: dict[str, str]) -> None:
    check(name, load(name, "random"), deviations)


@pytest.mark.parametrize("name", names())
def test_case_in_a_store(name: str, deviations: dict[str, str], tmp_path: Path) -> None:
    case = load(name)
    if "expect_build" not in case:
        check(name, case, deviations, sl.LocalStore(tmp_path / "store", durability="fast"))


def check(name: str, case: Json, deviations: dict[str, str], store: sl.LocalStore | None = None) -> None:
    """Run a case; the steps that differ must be those that are named. A store is opened again after each put."""
    world = World(case, store)
    differences = {}
    for number, step in enumerate(case["steps"]):
        differences[f"{name}/{number}"] = difference(step["expect"], outcome(world, step))
        if store is not None and step["op"] == "put":
            world.reopen()
    world.app.close()
    expected = {step for step in deviations if step.startswith(f"{name}/")}
    assert {step: why for step, why in differences.items() if why and step not in expected} == {}
    assert {step for step in expected if not differences[step]} == set(), "named as deviations, but do not differ"


def test_all_cases_are_there() -> None:
    assert len(names()) == 70


def test_every_deviation_is_of_a_step(deviations: dict[str, str]) -> None:
    for step, reason in deviations.items():
        name, number = step.split("/")
        folder = "random" if name.startswith("random_") else "cases"
        assert int(number) < len(load(name, folder)["steps"])
        assert reason

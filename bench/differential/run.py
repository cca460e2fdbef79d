"""Compares innerspace with the reference on cases that Hypothesis makes up.

    .venv/bin/python bench/differential/run.py REFERENCE_PYTHON [MINUTES] [FOLDER]

REFERENCE_PYTHON has superlinked 37.3.0. A case that differs is made as small as Hypothesis can and written to FOLDER
(build/differential if left out), ready for testdata/goldens/cases.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from cases import cases
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky

import innerspace as sl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python" / "tests" / "goldens"))

from case import World  # noqa: E402 - the path has to be known first
from comparison import difference  # noqa: E402
from steps import described, outcome  # noqa: E402

Json = dict[str, Any]


# Errors of the reference that docs/differences.md names, where innerspace answers.
ANSWERED = ("having different negative filter values",)


# The reference's answers to some filters change from run to run (docs/differences.md): how often it is asked again
# before a difference counts.
ASKED_AGAIN = 60


class Reference:
    """A process that runs cases through the reference."""

    def __init__(self, python: str) -> None:
        worker = Path(__file__).with_name("reference_worker.py")
        self._process = subprocess.Popen(
            [python, str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, case: Json) -> Json:
        """Return the outcomes of a case's steps, or why it cannot be built."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the reference has no pipes")
        stdin.write(json.dumps(case) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"the reference ended with status {self._process.wait()}")
        answer: Json = json.loads(line)
        return answer


def ours(case: Json) -> Json:
    """Return what :meth:`Reference.run` returns, from innerspace."""
    try:
        world = World(case)
    except Exception as error:
        return {"build": described(error)}
    with world.app:
        return {"steps": [outcome(world, step) for step in case["steps"]]}


def compare(case: Json, reference: Reference) -> list[str]:
    """Return how the two differ on a case."""
    got = ours(case)
    found = differences(reference.run(case), got)
    for _ in range(ASKED_AGAIN if found else 0):
        if not differences(reference.run(case), got):
            return []
    return found


def differences(wanted: Json, got: Json) -> list[str]:
    """Return how the outcomes of the reference and of innerspace differ."""
    if "build" in wanted or "build" in got:
        why = difference(
            {"error": wanted["build"]} if "build" in wanted else {}, {"error": got["build"]} if "build" in got else {}
        )
        return [f"build: {why}"] if why else []
    found = []
    for number, (step, other) in enumerate(zip(wanted["steps"], got["steps"], strict=True)):
        why = difference(step, other)
        if why and not any(text in step.get("error", {}).get("message", "") for text in ANSWERED):
            found.append(f"step {number}: {why}")
    return found


def main() -> int:
    """Search until the time is over; return 1 if a difference was found."""
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else ROOT / "build" / "differential"
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", sl.PutWarning)
    warnings.simplefilter("ignore", sl.QueryWarning)
    reference = Reference(sys.argv[1])
    begin, tried, found = time.monotonic(), 0, 0
    smallest: Json = {}

    def check(case: Json) -> None:
        nonlocal tried
        tried += 1
        differing = compare(case, reference)
        if differing:
            smallest.update(case=case, differences=differing)
        assert not differing

    round_number = 0
    while time.monotonic() - begin < 60 * minutes:
        round_number += 1
        search = settings(
            max_examples=200,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )(seed(round_number)(given(cases())(check)))
        try:
            search()
        except (AssertionError, Flaky):  # flaky: the reference answered otherwise while the case was made smaller
            found += 1
            name = folder / f"found_{round_number}.json"
            expected = reference.run(smallest["case"])
            for step, expect in zip(smallest["case"]["steps"], expected.get("steps", []), strict=False):
                step["expect"] = expect
            name.write_text(json.dumps(smallest["case"], indent=1) + "\n")
            sys.stdout.write(f"{name}: {'; '.join(smallest['differences'])}\n")
    sys.stdout.write(f"{tried} cases in {time.monotonic() - begin:.0f} s, {found} of {round_number} rounds found one\n")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Runs cases through the reference: a case a line in, its outcomes a line out.

To be run by a Python that has superlinked 37.3.0 (and sentence-transformers 5.1.2), not innerspace. The code that
runs a case is that of the tests, which is given the reference under the name of innerspace.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import types
import warnings
from pathlib import Path
from typing import Any

# What the reference prints, from the moment it is imported, must not come between the answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import numpy as np  # noqa: E402
from superlinked import framework  # noqa: E402
from superlinked.framework.dsl.space.input_aggregation_mode import InputAggregationMode  # noqa: E402

TESTS = Path(__file__).parents[2] / "python" / "tests" / "goldens"


def plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, (np.floating, np.integer)):
        return plain(value.item())
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def main() -> None:
    """Answer until the input ends."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    stand_in = types.ModuleType("innerspace")
    stand_in.__dict__.update(vars(framework), InputAggregationMode=InputAggregationMode)
    sys.modules["innerspace"] = stand_in
    sys.path.insert(0, str(TESTS))
    from case import World
    from steps import described, outcome

    for line in sys.stdin:
        case = json.loads(line)
        try:
            world = World(case)
            result: dict[str, Any] = {"steps": [plain(outcome(world, step)) for step in case["steps"]]}
        except Exception as error:
            result = {"build": described(error)}
        ANSWERS.write(json.dumps(result) + "\n")
        ANSWERS.flush()


main()

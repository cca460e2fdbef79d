from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from innerspace import _progress
from innerspace._native import calls
from innerspace._progress import ProgressBar, show_progress, wanted
from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("setting", "variable", "terminal", "ci", "shown"),
    [
        ("auto", None, True, False, True),
        ("auto", None, False, False, False),
        ("auto", None, True, True, False),
        ("auto", "1", False, True, True),
        ("auto", "0", True, False, False),
        ("auto", "auto", True, False, True),
        (True, "0", False, True, True),
        (False, "1", True, False, False),
    ],
)
def test_where_bars_are_shown(
    monkeypatch: pytest.MonkeyPatch, setting: Any, variable: str | None, terminal: bool, ci: bool, shown: bool
) -> None:
    for name, value in ((_progress.VARIABLE, variable), ("CI", "true" if ci else None)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr", Terminal() if terminal else io.StringIO())
    monkeypatch.setattr(_progress, "_setting", "auto")
    show_progress(setting)
    assert wanted() is shown


def test_a_bar_appears_when_it_is_due_and_ends_full(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = iter([(10, 40), (10, 40), (30, 40)])
    monkeypatch.setattr(calls, "task_progress", lambda task: next(steps))
    bar = ProgressBar("Image", "row")
    bar.update(1)
    assert capsys.readouterr().err == ""
    bar._due = 0
    bar.update(1)
    bar.update(1)
    bar.close(complete=True)
    said = capsys.readouterr().err
    assert "Image" in said
    assert "40/40" in said


def test_a_bar_of_what_may_be_nothing_waits_for_progress(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = iter([(0, 0), (5, 40), (10, 40)])
    monkeypatch.setattr(calls, "task_progress", lambda task: next(steps))
    bar = ProgressBar("extending the store", "row", may_be_nothing=True)
    bar._due = 0
    bar.update(1)
    bar.update(1)
    assert capsys.readouterr().err == "", "its patience begins with the first progress"
    bar._due = 0
    bar.update(1)
    bar.close(complete=True)
    assert "40/40" in capsys.readouterr().err


def test_a_bar_of_an_unknown_total_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(calls, "task_progress", lambda task: (7, 0))
    bar = ProgressBar("Image", "row")
    bar._due = 0
    bar.update(1)
    bar.close(complete=False)
    assert "7row" in capsys.readouterr().err


def test_a_long_put_shows_a_bar_and_a_pipe_does_not(run_python: Callable[..., Any]) -> None:
    code = (
        f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"  # noqa: PTH120
        "from notebook_app import SCHEMA, definition\n"
        "from innerspace import _progress\nfrom innerspace._engine import Engine\n"
        "import numpy as np\n_progress.PATIENCE_SECONDS = 0.0\n"
        "rows = [{'id': n, 'image': np.full((300, 400, 3), n, dtype=np.uint8)} for n in range(40)]\n"
        "Engine(definition()).put(SCHEMA, rows, on_error='raise', partial='reset')\n"
    )
    shown, hidden = run_python(code, INNERSPACE_PROGRESS="1"), run_python(code, INNERSPACE_PROGRESS="auto")
    assert (shown.returncode, hidden.returncode) == (0, 0), shown.stderr + hidden.stderr
    assert "40/40" in shown.stderr
    assert hidden.stderr == ""


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputException, match='True, False or "auto", got 1'):
        show_progress(1)  # type: ignore[arg-type]

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

import innerspace as sl
from innerspace import exceptions
from innerspace.exceptions import EXCEPTION_BY_STATUS, Status
from innerspace.report import PutReport, RowError

HEADER = Path(__file__).parents[3] / "capi" / "include" / "innerspace.h"


@pytest.mark.parametrize(
    ("name", "ancestors"),
    [
        ("InternalException", ["InnerspaceException"]),
        ("ExternalException", ["InnerspaceException"]),
        ("InvalidStateException", ["InternalException", "InnerspaceException"]),
        ("NotImplementedException", ["InternalException", "InnerspaceException"]),
        ("InvalidInputException", ["ExternalException", "InnerspaceException"]),
        ("NotFoundException", ["ExternalException", "InnerspaceException"]),
        ("FeatureNotSupportedException", ["ExternalException", "InnerspaceException"]),
        ("RequestTimeoutException", ["ExternalException", "InnerspaceException"]),
        ("UnexpectedResponseException", ["ExternalException", "InnerspaceException"]),
        ("CancelledException", ["ExternalException", "InnerspaceException"]),
        ("PutException", ["InvalidInputException", "ExternalException", "InnerspaceException"]),
        ("LimitExceededException", ["InvalidInputException", "ExternalException", "InnerspaceException"]),
        ("ForbiddenException", ["InvalidInputException", "ExternalException", "InnerspaceException"]),
    ],
)
def test_tree(name: str, ancestors: list[str]) -> None:
    bases = [base.__name__ for base in getattr(sl, name).__mro__[1:]]
    assert bases == [*ancestors, "Exception", "BaseException", "object"]


def test_the_references_root_is_the_root() -> None:
    assert sl.SuperlinkedException is sl.InnerspaceException


def test_statuses_are_those_of_the_header() -> None:
    numbers = {
        name: int(number)
        for name, number in re.findall(r"^  INNERSPACE_(\w+) = (\d+)", HEADER.read_text(), re.MULTILINE)
    }
    assert numbers.pop("OK") == 0
    assert numbers == {status.name: int(status) for status in Status}


def test_every_status_has_a_class_that_carries_it() -> None:
    assert list(EXCEPTION_BY_STATUS) == list(Status)
    assert {status: cls.status for status, cls in EXCEPTION_BY_STATUS.items()} == {status: status for status in Status}


def test_every_exception_is_exported() -> None:
    defined = {
        name
        for name, value in vars(exceptions).items()
        if isinstance(value, type) and issubclass(value, sl.InnerspaceException)
    }
    assert defined <= set(sl.__all__)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (sl.NotFoundException("There is no such file.", path="rows[3].image"), "rows[3].image: There is no such file."),
        (sl.NotFoundException("There is no such file."), "There is no such file."),
    ],
)
def test_text(error: sl.InnerspaceException, text: str) -> None:
    assert str(error) == text
    assert error.message == "There is no such file."


def test_errors_survive_pickling() -> None:
    report = PutReport(schema="Image", rows=1, stored=0, errors=(RowError(0, "a", "image", 1, "no image"),))
    error = sl.PutException("1 row could not be used.", path="rows[0].image", report=report)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is sl.PutException
    assert str(copy) == "rows[0].image: 1 row could not be used."
    assert copy.report == report
    assert copy.status is Status.INVALID_INPUT

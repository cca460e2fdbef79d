from __future__ import annotations

import pickle

import pytest

from innerspace.exceptions import PutException
from innerspace.report import DeleteReport, PutReport, RowError, TruncatedText


def report(errors: int = 0, **more: object) -> PutReport:
    listed = [
        {"row": row, "id": f"id-{row}", "field": "image", "status": 1, "reason": "no image"} for row in range(errors)
    ]
    return PutReport.from_json(
        {
            "schema": "Image",
            "rows": 1234,
            "stored": 1234 - errors,
            "batches": 1,
            "errors": listed,
            "truncated": None,
            "warnings": None,
            **more,
        }
    )


def test_the_engine_s_json_becomes_data() -> None:
    made = report(
        1,
        truncated=[{"row": 3, "id": "c", "field": "description", "tokens": 90, "limit": 77}],
        warnings=[{"code": "unknown_column", "message": "column x is ignored", "fields": ["x"]}],
    )
    assert made.errors == (RowError(0, "id-0", "image", 1, "no image"),)
    assert (made.truncated[0].tokens, made.truncated[0].limit) == (90, 77)
    assert (made.warnings[0].code, made.warnings[0].fields, made.warnings[0].ids) == ("unknown_column", ("x",), ())


def test_text_fits_one_screen() -> None:
    assert str(report()) == "Image: 1,234 of 1,234 rows stored"
    lines = str(report(25)).splitlines()
    assert lines[0] == "Image: 1,209 of 1,234 rows stored, 25 errors"
    assert lines[1] == "  row 0 (id 'id-0'), image: no image"
    assert lines[-1] == "  … and 15 more"
    assert len(lines) == 12


def test_a_long_id_is_shortened_for_reading() -> None:
    long = "x" * 1_000_000
    made = PutReport(
        schema="Image",
        rows=1,
        stored=0,
        errors=(RowError(0, long, "image", 1, "no image"),),
        truncated=(TruncatedText(0, long, "description", 90, 77),),
    )
    for shown in (str(made), made.refusal(), made._repr_html_(), str(made.truncated[0]), str(DeleteReport(0, (long,)))):
        assert len(shown) < 1000
        assert "x" * 79 + "…" in shown


def test_html_is_escaped_and_capped() -> None:
    evil = "<script>alert(1)</script>"
    errors = [{"row": 1, "id": evil, "field": evil, "status": 1, "reason": evil}] * 30
    html = (
        report(errors=0)._repr_html_()
        + PutReport.from_json(
            {"schema": evil, "rows": 30, "stored": 0, "errors": errors, "warnings": [{"code": "x", "message": evil}]}
        )._repr_html_()
    )
    assert "<script" not in html
    assert html.count("<tr>") == 11
    assert "20 more" in html


@pytest.mark.parametrize(("errors", "shown"), [(1, 1), (50, 50), (70, 50)])
def test_a_refusal_lists_the_bad_rows(errors: int, shown: int) -> None:
    text = report(errors, stored=0).refusal()
    bad = "1 row" if errors == 1 else f"{errors} rows"
    assert text.startswith(f"{bad} of 1,234 for schema Image could not be used; nothing of this put was stored.")
    assert text.count("no image") == shown
    assert ("… and 20 more" in text) == (errors == 70)
    assert 'on_error="skip"' in text


def test_a_refusal_of_a_stream_says_what_stays() -> None:
    assert "500 rows of earlier batches are stored" in report(1, stored=500).refusal()
    assert "1 row of earlier batches is stored" in report(1, stored=1).refusal()


def test_the_exception_carries_the_report_through_a_process_pool() -> None:
    made = report(60)
    again = pickle.loads(pickle.dumps(PutException(made.refusal(), report=made)))
    assert again.report == made
    assert len(again.report.errors) == 60


def test_deletes() -> None:
    assert str(DeleteReport(1)) == "1 row deleted"
    assert str(DeleteReport(0, ("a", "b"))) == "0 rows deleted, 2 not there: a, b"

"""Errors as JSON, as RFC 9457 has it, with the status that says whose mistake it was."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from innerspace.exceptions import InnerspaceException, PutException, Status

MAX_SHOWN_ERRORS = 1000
"""How many bad values an answer names; the text counts the rest."""

_HTTP_STATUS = {
    Status.INVALID_INPUT: HTTPStatus.BAD_REQUEST,
    Status.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Status.LIMIT_EXCEEDED: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Status.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Status.UNSUPPORTED: HTTPStatus.NOT_IMPLEMENTED,
    Status.TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    Status.UNEXPECTED_RESPONSE: HTTPStatus.BAD_GATEWAY,
    Status.INVALID_STATE: HTTPStatus.SERVICE_UNAVAILABLE,
    Status.CANCELLED: HTTPStatus.SERVICE_UNAVAILABLE,
    Status.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def problem(status: int, detail: str, **more: Any) -> Response:
    """Return an answer that says what went wrong."""
    document = {"title": HTTPStatus(status).phrase, "status": int(status), "detail": detail, **more}
    content = json.dumps(document, ensure_ascii=False).encode(errors="replace")
    return Response(content, int(status), media_type="application/problem+json")


def problem_of(error: InnerspaceException) -> Response:
    """Return the answer for an error of innerspace; rows that could not be used are listed."""
    status = _HTTP_STATUS[error.status]
    if not isinstance(error, PutException):
        return problem(status, str(error), error=type(error).__name__)
    rows = [
        {"row": row.row, "id": row.id, "field": row.field, "reason": row.reason}
        for row in error.report.errors[:MAX_SHOWN_ERRORS]
    ]
    forbidden = all(row.status == Status.FORBIDDEN for row in error.report.errors)
    status = HTTPStatus.FORBIDDEN if forbidden else HTTPStatus.UNPROCESSABLE_ENTITY
    # The lines after the first list what is listed here, and advise what Python can do.
    return problem(status, str(error).partition("\n")[0], error=type(error).__name__, errors=rows)

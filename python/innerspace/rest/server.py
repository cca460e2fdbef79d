"""Apps as one ASGI app: routes, bodies, answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from innerspace.exceptions import (
    FeatureNotSupportedException,
    InnerspaceException,
    InvalidInputException,
    LimitExceededException,
)

try:
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.responses import Response
    from starlette.routing import Route
except ImportError as error:
    raise FeatureNotSupportedException(
        "Serving needs Starlette, which is not installed: pip install 'innerspace[server]'"
    ) from error

from innerspace.rest.problems import problem, problem_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from innerspace.rest.app import RestApp

HEALTH_PATH = "/health"


def asgi_app(apps: Sequence[RestApp]) -> Starlette:
    """Return an ASGI app with the endpoints of several apps.

    Parameters
    ----------
    apps : sequence of RestApp

    Raises
    ------
    InvalidInputException
        If two of them have an endpoint with the same path.
    """
    routes = [Route(HEALTH_PATH, _health, methods=["GET"])]
    seen = {HEALTH_PATH}
    for app in apps:
        for path in app.paths:
            if path in seen:
                raise InvalidInputException(
                    f"Endpoint duplication detected. The path: {path} has been previously added."
                )
            seen.add(path)
            endpoint = _ingest(app, path) if path in app._source_by_path else _search(app, path)
            routes.append(Route(path, endpoint, methods=["POST"]))
    return Starlette(
        routes=routes,
        exception_handlers={
            InnerspaceException: _innerspace_problem,
            HTTPException: _http_problem,
            Exception: _unexpected_problem,
        },
    )


async def _health(_request: Request) -> Response:
    return _json_answer({"status": "ok"})


def _ingest(app: RestApp, path: str) -> Callable[[Request], Any]:
    async def ingest(request: Request) -> Response:
        body = await _json_body(request, app._configuration.max_body_bytes)
        report = await run_in_threadpool(app.ingest, path, body)
        answer = {
            "schema": report.schema,
            "rows": report.rows,
            "stored": report.stored,
            "warnings": [warning.message for warning in report.warnings],
        }
        # 202 is what clients of the reference look for; the rows are searchable already.
        return _json_answer(answer, 202)

    return ingest


def _search(app: RestApp, path: str) -> Callable[[Request], Any]:
    async def search(request: Request) -> Response:
        body = await _json_body(request, app._configuration.max_body_bytes)
        return await run_in_threadpool(lambda: _json_answer(app.search(path, body)))

    return search


async def _json_body(request: Request, limit: int) -> object:
    # Another type is what a page of another origin may send without asking first.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "The body must be JSON, with the header content-type: application/json.")
    announced = request.headers.get("content-length", "0")
    body = bytearray()
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise _too_large(limit)
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise InvalidInputException("The body is nested too deeply.") from None
    except ValueError as error:
        raise InvalidInputException(f"The body is no valid JSON: {error}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _too_large(limit: int) -> LimitExceededException:
    return LimitExceededException(
        f"The body has more than the {limit:,} bytes that are allowed (RestEndpointConfiguration(max_body_bytes=...))."
    )


def _json_answer(document: object, status: int = 200) -> Response:
    content = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content.encode(), status, media_type="application/json")


async def _innerspace_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, InnerspaceException)  # noqa: S101 - what the handler is registered for
    return problem_of(error)


async def _http_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    answer = problem(error.status_code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected_problem(_request: Request, _error: Exception) -> Response:
    # The server logs the error itself; its text is not for strangers.
    return problem(500, "The server failed; its log says why.")

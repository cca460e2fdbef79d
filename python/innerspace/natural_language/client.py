"""The language model: any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from innerspace._arguments import require, require_number
from innerspace.exceptions import (
    FeatureNotSupportedException,
    InvalidInputException,
    RequestTimeoutException,
    UnexpectedResponseException,
)

if TYPE_CHECKING:
    from innerspace._definition import Json

_SHOWN = 200


@dataclass(frozen=True)
class OpenAIClientConfig:
    """An endpoint that speaks OpenAI's chat completions with structured outputs, and a model of it.

    Parameters
    ----------
    api_key : str
    model : str
    organization, project : str, optional
    base_url : str, optional
        Of another endpoint than OpenAI's, such as ``"http://localhost:11434/v1"``.
    timeout : float, default 30
        Seconds that an answer may take.
    max_retries : int, default 2
        How often a request is repeated that the endpoint was too busy for.
    temperature : float, optional
        Sent along, 0 if left out; None for models that refuse one.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type or out of range.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.OpenAIClientConfig(api_key="none", model="qwen3", base_url="http://localhost:11434/v1")
    OpenAIClientConfig(model='qwen3', organization=None, project=None, base_url='http://localhost:11434/v1')
    """

    api_key: str = field(repr=False)
    model: str
    organization: str | None = None
    project: str | None = None
    base_url: str | None = None
    timeout: float = field(default=30.0, kw_only=True, repr=False)
    max_retries: int = field(default=2, kw_only=True, repr=False)
    temperature: float | None = field(default=0.0, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        owner = "OpenAIClientConfig"
        for name in ("api_key", "model", "organization", "project", "base_url"):
            value = getattr(self, name)
            if name == "api_key" and not (isinstance(value, str) and value):
                raise InvalidInputException(f"{owner}: parameter api_key must be a non-empty str.")
            if value is not None or name == "model":
                require(value, str, owner=owner, parameter=name)
        if require_number(self.timeout, owner=owner, parameter="timeout") <= 0:
            raise InvalidInputException(f"{owner}: parameter timeout must be above 0, got {self.timeout}.")
        if require(self.max_retries, int, owner=owner, parameter="max_retries") < 0:
            raise InvalidInputException(f"{owner}: parameter max_retries must not be below 0, got {self.max_retries}.")
        if self.temperature is not None:
            require_number(self.temperature, owner=owner, parameter="temperature")


def ask(config: OpenAIClientConfig, instructions: str, text: str, schema: Json) -> dict[str, Any]:
    """Return the JSON object that a model answers with.

    Parameters
    ----------
    config : OpenAIClientConfig
    instructions, text : str
        What the system says, and what the user says.
    schema : dict
        A JSON schema of the answer. Endpoints may disregard it: the answer is checked by the caller.

    Raises
    ------
    FeatureNotSupportedException
        If the client library is not installed.
    RequestTimeoutException
        If no answer came in time.
    UnexpectedResponseException
        If the endpoint cannot be reached, refuses, or answers with something else than a JSON object.
    """
    try:
        import openai
    except ImportError as error:
        raise FeatureNotSupportedException(
            "A natural-language query needs the library openai, which is not installed: pip install 'innerspace[nlq]'"
        ) from error
    client = openai.OpenAI(
        api_key=config.api_key,
        organization=config.organization,
        project=config.project,
        base_url=config.base_url,
        timeout=config.timeout,
        max_retries=config.max_retries,
    )
    sampling = {} if config.temperature is None else {"temperature": config.temperature}
    request: dict[str, Any] = {
        "model": config.model,
        "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "query_parameters", "strict": True, "schema": schema},
        },
        **sampling,
    }
    who = f"The language model {config.model!r}"
    try:
        with client:
            completion = client.chat.completions.create(**request)
    except openai.APITimeoutError as error:
        raise RequestTimeoutException(
            f"{who} did not answer within {config.timeout:g} s; allow more with OpenAIClientConfig(timeout=...)."
        ) from error
    except openai.APIConnectionError as error:
        raise UnexpectedResponseException(f"{who} cannot be reached at {client.base_url}: {_reason(error)}.") from error
    except openai.APIStatusError as error:
        reason = error.message.replace(config.api_key, "…")[:_SHOWN]
        raise UnexpectedResponseException(f"{who} answered with HTTP status {error.status_code}: {reason}") from error
    except (openai.OpenAIError, ValueError) as error:  # a body that is no JSON is a ValueError
        raise UnexpectedResponseException(f"{who} gave an answer that is no chat completion: {error}") from error
    return _content(who, completion)


def _content(who: str, completion: Any) -> dict[str, Any]:
    choices = getattr(completion, "choices", None)
    if not choices or getattr(choices[0], "message", None) is None:
        raise UnexpectedResponseException(f"{who} gave an answer that is no chat completion.")
    message = choices[0].message
    if getattr(message, "refusal", None):
        raise UnexpectedResponseException(f"{who} refused: {message.refusal[:_SHOWN]}")
    if choices[0].finish_reason == "length":
        raise UnexpectedResponseException(f"{who} broke its answer off: it reached its limit of tokens.")
    content = message.content or ""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise UnexpectedResponseException(f"{who} answered with no JSON object but with {content[:_SHOWN]!r}")
    return answer


def _reason(error: Exception) -> str:
    return str(error.__cause__ or error).rstrip(".")

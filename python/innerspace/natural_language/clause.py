"""The clause of a query that lets a language model give values to its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from innerspace.exceptions import InvalidInputException, UnexpectedResponseException
from innerspace.natural_language.client import OpenAIClientConfig, ask
from innerspace.natural_language.parameter_schema import parameter_schema
from innerspace.operand import TEXT
from innerspace.param import Param

if TYPE_CHECKING:
    from innerspace.operand import OperandKind
    from innerspace.query.compilation import Compilation, CompiledQuery
    from innerspace.query.query import QueryDescriptor

INSTRUCTIONS = """\
You turn what a person asks for into the parameters of a similarity search over entities of the kind {schema}, \
which have the fields {fields}.
Answer with a JSON object that has a value for each parameter. Use null for every parameter that the person \
says nothing about; invent nothing."""


@dataclass(frozen=True, eq=False)
class NaturalQueryClause:
    """What is asked for in a sentence, and who turns it into values."""

    natural_query: object
    client: OpenAIClientConfig
    system_prompt: object

    def write(self, compilation: Compilation) -> None:
        """Write nothing: the engine sees only the values."""

    def fill(self, query: QueryDescriptor, compiled: CompiledQuery, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of one run: what was given, and where nothing was, what the model says.

        The model is not asked where there is no sentence or no parameter left to give a value to.

        Raises
        ------
        InvalidInputException
            If what was given is wrong.
        UnexpectedResponseException
            If the model names a parameter that the query does not have, or a value that it cannot take.
        """
        sentence, system_prompt = (_text(value, given) for value in (self.natural_query, self.system_prompt))
        own = {param.name for param in (self.natural_query, self.system_prompt) if isinstance(param, Param)}
        values = {name: value for name, value in given.items() if name not in own or name in compiled.uses}
        # What was given is checked first: a request that cannot succeed is not sent.
        compiled.bind(values)
        open_places = {
            name: places[0]
            for name, places in compiled.uses.items()
            if values.get(name) is None and places[0][1].IN_JSON and name not in own
        }
        if not sentence or not sentence.strip() or not open_places:
            return values
        instructions = INSTRUCTIONS.format(
            schema=query._schema._name, fields=", ".join(query._schema._fields) or "none"
        )
        if system_prompt:
            instructions = f"{instructions}\n\n{system_prompt}"
        answer = ask(self.client, instructions, sentence, parameter_schema(open_places))
        unknown = sorted(name for name in answer if name not in compiled.uses)
        if unknown:
            raise UnexpectedResponseException(
                f"The language model {self.client.model!r} named parameters that the query does not have: "
                f"{', '.join(unknown)[:200]}."
            )
        for name, place in open_places.items():
            if answer.get(name) is not None:
                values[name] = self._checked(name, place, answer[name])
        return values

    def _checked(self, name: str, place: tuple[Param, OperandKind], value: object) -> object:
        param, kind = place
        # JSON has one kind of number: a whole one may be written as 5.0.
        candidates = [int(value), value] if isinstance(value, float) and value.is_integer() else [value]
        refusal: InvalidInputException | None = None
        for candidate in candidates:
            try:
                param._check_option(candidate)
                kind.check(candidate)
                return candidate
            except InvalidInputException as error:
                refusal = error
        raise UnexpectedResponseException(
            f"The language model {self.client.model!r} gave a value that the query cannot take: {refusal}",
            path=f"params.{name}",
        ) from refusal


def filled(query: QueryDescriptor, compiled: CompiledQuery, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of one run; asks a model only where the query has a natural-language clause."""
    for clause in query._clauses:
        if isinstance(clause, NaturalQueryClause):
            return clause.fill(query, compiled, given)
    return given


def _text(value: object, given: Mapping[str, Any]) -> str | None:
    """Return the text that a Param, or a literal, stands for in this run."""
    if isinstance(value, Param):
        name = value.name
        value_given = given.get(name)
        if value_given is not None:
            value._check_option(value_given)
        value = value.default if value_given is None else value_given
        try:
            return None if value is None else TEXT.check(value)
        except InvalidInputException as error:
            error.path = f"params.{name}"
            raise
    return None if value is None else TEXT.check(value)

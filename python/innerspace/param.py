"""A value that a query leaves open until it runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException


class Param:
    """A named value that is given when the query runs.

    Parameters
    ----------
    name : str
        The keyword of ``app.query(query, name=...)``.
    description : str, optional
        For people.
    default : object, optional
        Stands in where no value, or None, is given.
    options : list, tuple or set, optional
        The only values that are allowed.

    Raises
    ------
    InvalidInputException
        If the name is not a non-empty str, the options are no collection, or
        the default is not among them.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.Param("image_weight", default=1.0)
    Param('image_weight', default=1.0)
    """

    def __init__(
        self,
        name: str,
        description: str | None = None,
        default: Any = None,
        options: Collection[Any] | None = None,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise InvalidInputException(f"Param: parameter name must be a non-empty str, got {shown(name)}.")
        if name.endswith("__"):
            raise InvalidInputException(f"Param: names that end in '__' are kept for literals, got {name!r}.")
        if description is not None and not isinstance(description, str):
            raise InvalidInputException(f"Param: parameter description must be a str, got {shown(description)}.")
        if options is not None and (isinstance(options, (str, bytes)) or not isinstance(options, Collection)):
            raise InvalidInputException(f"Param: parameter options must be a list, tuple or set, got {shown(options)}.")
        self.name = name
        self.description = description
        self.default = default
        self.options = None if options is None else list(options)
        if default is not None:
            self._check_option(default)

    def __repr__(self) -> str:
        details = "".join(
            f", {label}={value!r}"
            for label, value in (("default", self.default), ("options", self.options))
            if value is not None
        )
        return f"Param({self.name!r}{details})"

    def _check_option(self, value: object) -> None:
        if self.options is None:
            return
        if not any(value is option or _equal(value, option) for option in self.options):
            allowed = ", ".join(repr(option) for option in self.options)
            raise InvalidInputException(
                f"Value {value} is not allowed for parameter {self.name}. Allowed values are: {{{allowed}}}"
            )


def _equal(value: object, option: object) -> bool:
    try:
        return bool(value == option)
    except Exception:  # arrays and frames have no truth value; they are equal only when they are the same object
        return False

"""Rows from files that pandas reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from innerspace._arguments import require, shown
from innerspace._columns import is_pandas_frame
from innerspace.exceptions import (
    FeatureNotSupportedException,
    InvalidInputException,
    LimitExceededException,
    NotFoundException,
)
from innerspace.parser import DataFrameParser, DataParser
from innerspace.report import PutReport
from innerspace.source import InMemorySource

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from innerspace.schema.schema import Schema

MAX_FILE_BYTES = 4 << 30
"""Larger files are refused unless the config says otherwise: pandas holds them in memory."""


class DataFormat(Enum):
    """What a file holds, and which function of pandas reads it."""

    CSV = "read_csv"
    FWF = "read_fwf"
    XML = "read_xml"
    JSON = "read_json"
    PARQUET = "read_parquet"
    ORC = "read_orc"


@dataclass(frozen=True)
class DataLoaderConfig:
    """A file and how it is read.

    Parameters
    ----------
    path : str or path
        A file on this machine.
    format : DataFormat
    name : str, optional
        For people; the file's name if left out.
    pandas_read_kwargs : dict, optional
        Passed on to pandas. With ``chunksize`` the file is read and stored in pieces.
    max_bytes : int, default 4 GiB
        A larger file is refused.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.DataLoaderConfig("items.csv", sl.DataFormat.CSV, pandas_read_kwargs={"sep": ";"}).name
    'items.csv'
    """

    path: str | os.PathLike[str]
    format: DataFormat
    name: str | None = None
    pandas_read_kwargs: Mapping[str, Any] | None = None
    max_bytes: int = field(default=MAX_FILE_BYTES, kw_only=True)

    def __post_init__(self) -> None:
        owner = "DataLoaderConfig"
        if not isinstance(self.path, (str, os.PathLike)) or not str(self.path):
            raise InvalidInputException(f"{owner}: parameter path must be a path, got {shown(self.path)}.")
        require(self.format, DataFormat, owner=owner, parameter="format")
        if self.pandas_read_kwargs is not None:
            require(self.pandas_read_kwargs, Mapping, owner=owner, parameter="pandas_read_kwargs")  # type: ignore[type-abstract]
        if isinstance(self.max_bytes, bool) or not isinstance(self.max_bytes, int) or self.max_bytes < 1:
            raise InvalidInputException(
                f"{owner}: parameter max_bytes must be an int from 1, got {shown(self.max_bytes)}."
            )
        # The dataclass is frozen for everyone else.
        object.__setattr__(self, "name", self.name or Path(self.path).name)


class DataLoaderSource(InMemorySource):
    """The entrance for rows of one schema, with a file to load them from.

    Parameters
    ----------
    schema : Schema
    data_loader_config : DataLoaderConfig
    parser : DataFrameParser, optional
        A :class:`DataFrameParser` without a mapping if left out.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Float
    >>> source = sl.DataLoaderSource(Item(), sl.DataLoaderConfig("items.csv", sl.DataFormat.CSV))

    ``source.load()`` stores the rows once an executor runs.
    """

    def __init__(self, schema: Schema, data_loader_config: DataLoaderConfig, parser: DataParser | None = None) -> None:
        super().__init__(schema, DataFrameParser(schema) if parser is None else parser)
        self._config = require(
            data_loader_config, DataLoaderConfig, owner="DataLoaderSource", parameter="data_loader_config"
        )

    @property
    def config(self) -> DataLoaderConfig:
        """The file and how it is read."""
        return self._config

    def load(
        self, on_error: Literal["raise", "skip", "null"] = "raise", partial: Literal["reset", "merge"] = "reset"
    ) -> PutReport:
        """Read the file and store its rows.

        Parameters
        ----------
        on_error, partial : str
            As for :meth:`put`.

        Returns
        -------
        PutReport
            Of the whole file. With ``chunksize`` a piece that was stored stays
            stored when a later one is refused.

        Raises
        ------
        NotFoundException
            If there is no such file.
        LimitExceededException
            If it is larger than the config allows.
        FeatureNotSupportedException
            If pandas lacks a library that reads the format.
        InvalidInputException
            If pandas cannot read it, or a row cannot be used.
        """
        reports = [self.put(frame, on_error=on_error, partial=partial) for frame in self._frames()]
        return _joined(self._schema._name, reports)

    def _frames(self) -> Iterator[pd.DataFrame]:
        self._check_file()
        # Whoever loads a file does not mind the time that importing pandas takes.
        import pandas as pd

        config = self._config
        read = getattr(pd, config.format.value)
        try:
            content = read(config.path, **(config.pandas_read_kwargs or {}))
            if is_pandas_frame(content):
                yield content
                return
            with content:
                yield from content
        except InvalidInputException:
            raise
        except ImportError as error:
            raise FeatureNotSupportedException(f"pandas cannot read {config.format.name} here: {error}") from error
        except Exception as error:
            raise InvalidInputException(
                f"pandas could not read {config.name!r} as {config.format.name}: {type(error).__name__}: {error}"
            ) from error

    def _check_file(self) -> None:
        path = Path(self._config.path)
        if not path.exists():
            raise NotFoundException(f"There is no file {str(path)!r}; a DataLoaderSource reads files on this machine.")
        if not path.is_file():
            raise InvalidInputException(f"{str(path)!r} is not a file.")
        size, limit = path.stat().st_size, self._config.max_bytes
        if size > limit:
            raise LimitExceededException(
                f"The file {str(path)!r} has {size:,} bytes, more than the {limit:,} that are allowed. "
                "Allow more with DataLoaderConfig(max_bytes=...)."
            )


def _joined(schema: str, reports: Sequence[PutReport]) -> PutReport:
    """Return the report of several puts as one; rows count from the first."""
    joined = PutReport(schema=schema, rows=0, stored=0)
    for report in reports:
        joined = replace(
            joined,
            rows=joined.rows + report.rows,
            stored=joined.stored + report.stored,
            batches=joined.batches + report.batches,
            errors=joined.errors + tuple(replace(error, row=error.row + joined.rows) for error in report.errors),
            truncated=joined.truncated + tuple(replace(text, row=text.row + joined.rows) for text in report.truncated),
            warnings=joined.warnings + report.warnings,
        )
    return joined

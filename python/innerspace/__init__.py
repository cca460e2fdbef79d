"""Image and text similarity search for notebooks, scripts and data frames.

Describe entities with a :class:`Schema`, say with an :class:`ImageSpace` and an
:class:`Index` how they are embedded, put rows into a source, and ask the app
with a :class:`Query`. ``from innerspace import framework as sl`` gives the same
names as ``import innerspace as sl``.
"""

import logging

from innerspace import datasets
from innerspace._progress import show_progress
from innerspace._version import __version__
from innerspace.app import InMemoryApp
from innerspace.converter import PandasConverter
from innerspace.embedding import EmbeddingResult
from innerspace.exceptions import (
    CancelledException,
    ExternalException,
    FeatureNotSupportedException,
    ForbiddenException,
    InnerspaceException,
    InternalException,
    InvalidInputException,
    InvalidStateException,
    LimitExceededException,
    NotFoundException,
    NotImplementedException,
    PutException,
    RequestTimeoutException,
    SuperlinkedException,
    UnexpectedResponseException,
)
from innerspace.executor import InMemoryExecutor
from innerspace.index import Index
from innerspace.model import EmbeddedModelNotice, EmbeddingEngineConfig, ModelHandler, Precision, use_model
from innerspace.options import Options
from innerspace.parser import DataFrameParser, JsonParser
from innerspace.query import Param, Query
from innerspace.report import DeleteReport, PutReport
from innerspace.result import QueryResult
from innerspace.schema import Blob, DescribedBlob, IdField, Schema, String
from innerspace.source import InMemorySource, PutWarning
from innerspace.space import ImageSpace, Space

__all__ = [
    "Blob",
    "CancelledException",
    "DataFrameParser",
    "DeleteReport",
    "DescribedBlob",
    "EmbeddedModelNotice",
    "EmbeddingEngineConfig",
    "EmbeddingResult",
    "ExternalException",
    "FeatureNotSupportedException",
    "ForbiddenException",
    "IdField",
    "ImageSpace",
    "InMemoryApp",
    "InMemoryExecutor",
    "InMemorySource",
    "Index",
    "InnerspaceException",
    "InternalException",
    "InvalidInputException",
    "InvalidStateException",
    "JsonParser",
    "LimitExceededException",
    "ModelHandler",
    "NotFoundException",
    "NotImplementedException",
    "Options",
    "PandasConverter",
    "Param",
    "Precision",
    "PutException",
    "PutReport",
    "PutWarning",
    "Query",
    "QueryResult",
    "RequestTimeoutException",
    "Schema",
    "Space",
    "String",
    "SuperlinkedException",
    "UnexpectedResponseException",
    "__version__",
    "datasets",
    "show_progress",
    "use_model",
]

logging.getLogger("innerspace").addHandler(logging.NullHandler())

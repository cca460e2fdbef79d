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
from innerspace.approximate import Approximate, RecallReport
from innerspace.context import CONTEXT_COMMON, CONTEXT_COMMON_NOW
from innerspace.converter import PandasConverter
from innerspace.data_loader import DataFormat, DataLoaderConfig, DataLoaderSource
from innerspace.effect import Effect
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
from innerspace.interactive import InteractiveApp, InteractiveExecutor, InteractiveSource
from innerspace.local_store import LocalStore, StoreWarning
from innerspace.model import EmbeddedModelNotice, EmbeddingEngineConfig, ModelHandler, Precision, use_model
from innerspace.natural_language import OpenAIClientConfig
from innerspace.options import Options
from innerspace.parser import DataFrameParser, JsonParser
from innerspace.plotting import RecencyPlotter, get_altair_renderer
from innerspace.query import Param, Query, QueryUserConfig
from innerspace.query.surprises import QueryWarning
from innerspace.report import CompactionReport, DeleteReport, PutReport
from innerspace.rest import (
    RestApp,
    RestDescriptor,
    RestEndpointConfiguration,
    RestExecutor,
    RestQuery,
    RestSource,
    SuperlinkedRegistry,
)
from innerspace.result import QueryResult
from innerspace.schema import (
    Blob,
    Boolean,
    Condition,
    CreatedAtField,
    DescribedBlob,
    EventSchema,
    Float,
    FloatList,
    IdField,
    Integer,
    Schema,
    SchemaReference,
    String,
    StringList,
    Timestamp,
)
from innerspace.source import InMemorySource, PutWarning
from innerspace.space import (
    CategoricalSimilaritySpace,
    CustomSpace,
    ImageSpace,
    InputAggregationMode,
    LinearScale,
    LogarithmicScale,
    Mode,
    NumberSpace,
    PeriodTime,
    RecencySpace,
    Space,
    TextModelHandler,
    TextSimilaritySpace,
    chunk,
)
from innerspace.vector_database import InMemoryVectorDatabase
from innerspace.vector_sampler import VectorCollection, VectorSampler

__all__ = [
    "CONTEXT_COMMON",
    "CONTEXT_COMMON_NOW",
    "Approximate",
    "Blob",
    "Boolean",
    "CancelledException",
    "CategoricalSimilaritySpace",
    "CompactionReport",
    "Condition",
    "CreatedAtField",
    "CustomSpace",
    "DataFormat",
    "DataFrameParser",
    "DataLoaderConfig",
    "DataLoaderSource",
    "DeleteReport",
    "DescribedBlob",
    "Effect",
    "EmbeddedModelNotice",
    "EmbeddingEngineConfig",
    "EmbeddingResult",
    "EventSchema",
    "ExternalException",
    "FeatureNotSupportedException",
    "Float",
    "FloatList",
    "ForbiddenException",
    "IdField",
    "ImageSpace",
    "InMemoryApp",
    "InMemoryExecutor",
    "InMemorySource",
    "InMemoryVectorDatabase",
    "Index",
    "InnerspaceException",
    "InputAggregationMode",
    "Integer",
    "InteractiveApp",
    "InteractiveExecutor",
    "InteractiveSource",
    "InternalException",
    "InvalidInputException",
    "InvalidStateException",
    "JsonParser",
    "LimitExceededException",
    "LinearScale",
    "LocalStore",
    "LogarithmicScale",
    "Mode",
    "ModelHandler",
    "NotFoundException",
    "NotImplementedException",
    "NumberSpace",
    "OpenAIClientConfig",
    "Options",
    "PandasConverter",
    "Param",
    "PeriodTime",
    "Precision",
    "PutException",
    "PutReport",
    "PutWarning",
    "Query",
    "QueryResult",
    "QueryUserConfig",
    "QueryWarning",
    "RecallReport",
    "RecencyPlotter",
    "RecencySpace",
    "RequestTimeoutException",
    "RestApp",
    "RestDescriptor",
    "RestEndpointConfiguration",
    "RestExecutor",
    "RestQuery",
    "RestSource",
    "Schema",
    "SchemaReference",
    "Space",
    "StoreWarning",
    "String",
    "StringList",
    "SuperlinkedException",
    "SuperlinkedRegistry",
    "TextModelHandler",
    "TextSimilaritySpace",
    "Timestamp",
    "UnexpectedResponseException",
    "VectorCollection",
    "VectorSampler",
    "__version__",
    "chunk",
    "datasets",
    "get_altair_renderer",
    "show_progress",
    "use_model",
]

logging.getLogger("innerspace").addHandler(logging.NullHandler())

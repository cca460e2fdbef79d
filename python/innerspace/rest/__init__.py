"""Serving puts and queries over HTTP, with the paths and JSON of the reference."""

from innerspace.rest.app import RestApp
from innerspace.rest.configuration import RestDescriptor, RestEndpointConfiguration, RestQuery
from innerspace.rest.executor import RestExecutor
from innerspace.rest.registry import SuperlinkedRegistry
from innerspace.rest.source import RestSource

__all__ = [
    "RestApp",
    "RestDescriptor",
    "RestEndpointConfiguration",
    "RestExecutor",
    "RestQuery",
    "RestSource",
    "SuperlinkedRegistry",
]

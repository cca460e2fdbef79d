"""The names of the package under the reference's module name: ``from innerspace import framework as sl``."""

from innerspace import *  # noqa: F403
from innerspace import __all__ as __all__

"""How fields become vectors: one file a space."""

from innerspace.space.field_set import SpaceFieldSet
from innerspace.space.image_space import ImageSpace
from innerspace.space.space import Space

__all__ = ["ImageSpace", "Space", "SpaceFieldSet"]

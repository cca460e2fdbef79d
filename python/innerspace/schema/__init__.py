"""What an entity is made of: schemas and the types of their fields."""

from innerspace.schema.blob import Blob, DescribedBlob
from innerspace.schema.field import SchemaField
from innerspace.schema.id_field import IdField
from innerspace.schema.schema import Schema
from innerspace.schema.string import String

__all__ = ["Blob", "DescribedBlob", "IdField", "Schema", "SchemaField", "String"]

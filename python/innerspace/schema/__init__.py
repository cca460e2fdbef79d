"""What an entity is made of: schemas and the types of their fields."""

from innerspace.schema.blob import Blob, DescribedBlob
from innerspace.schema.boolean import Boolean
from innerspace.schema.condition import Condition
from innerspace.schema.created_at import CreatedAtField
from innerspace.schema.event_schema import EventSchema
from innerspace.schema.field import SchemaField
from innerspace.schema.float import Float
from innerspace.schema.float_list import FloatList
from innerspace.schema.id_field import IdField
from innerspace.schema.integer import Integer
from innerspace.schema.schema import Schema
from innerspace.schema.schema_reference import MultipliedSchemaReference, SchemaReference
from innerspace.schema.string import String
from innerspace.schema.string_list import StringList
from innerspace.schema.timestamp import Timestamp

__all__ = [
    "Blob",
    "Boolean",
    "Condition",
    "CreatedAtField",
    "DescribedBlob",
    "EventSchema",
    "Float",
    "FloatList",
    "IdField",
    "Integer",
    "MultipliedSchemaReference",
    "Schema",
    "SchemaField",
    "SchemaReference",
    "String",
    "StringList",
    "Timestamp",
]

"""How fields become vectors: one file a space."""

from innerspace.space.categorical_similarity_space import CategoricalSimilaritySpace
from innerspace.space.chunk import chunk
from innerspace.space.custom_space import CustomSpace
from innerspace.space.field_set import SpaceFieldSet
from innerspace.space.image_space import ImageSpace
from innerspace.space.input_aggregation_mode import InputAggregationMode
from innerspace.space.number_space import Mode, NumberSpace
from innerspace.space.recency_space import PeriodTime, RecencySpace
from innerspace.space.scale import LinearScale, LogarithmicScale, Scale
from innerspace.space.space import Space
from innerspace.space.text_similarity_space import TextModelHandler, TextSimilaritySpace

__all__ = [
    "CategoricalSimilaritySpace",
    "CustomSpace",
    "ImageSpace",
    "InputAggregationMode",
    "LinearScale",
    "LogarithmicScale",
    "Mode",
    "NumberSpace",
    "PeriodTime",
    "RecencySpace",
    "Scale",
    "Space",
    "SpaceFieldSet",
    "TextModelHandler",
    "TextSimilaritySpace",
    "chunk",
]

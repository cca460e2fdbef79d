"""The space of texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Literal

from innerspace._arguments import require, shown
from innerspace.exceptions import FeatureNotSupportedException, InvalidInputException
from innerspace.model import EmbeddingEngineConfig
from innerspace.model_resolution import resolve
from innerspace.operand import TEXT
from innerspace.schema.string import String
from innerspace.space.chunk import ChunkedText
from innerspace.space.single_field_space import SingleFieldSpace

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.schema.field import SchemaField
    from innerspace.space.field_set import SpaceFieldSet

TextInput = String | ChunkedText | None


class TextModelHandler(Enum):
    """Which library's conventions a text model follows."""

    SENTENCE_TRANSFORMERS = "sentence_transformers"
    MODAL = "modal"


class TextSimilaritySpace(SingleFieldSpace):
    """Texts in the vector space of one model: the nearer in meaning, the better.

    Parameters
    ----------
    text : String, the result of :func:`chunk`, or a sequence of them
        At most one a schema.
    model : str or path
        A model directory, ``"embedded"`` for the small model of the package, or a
        name of the hub, such as ``"all-MiniLM-L6-v2"`` (docs/hub.md).
    cache_size : int, default 10000
        Taken for compatibility; the memory for embeddings that were made before
        is ``Options(embedding_cache_bytes=...)``.
    model_cache_dir : str or path, optional
        A cache directory instead of the one that HF_HUB_CACHE or HF_HOME names.
    model_handler : TextModelHandler
        Only ``SENTENCE_TRANSFORMERS``.
    embedding_engine_config : EmbeddingEngineConfig, optional
    salt : str, optional
        Tells otherwise equal spaces apart.
    revision : str, optional
        Of a model on the hub: a branch, a tag or a commit.
    precision : {"fp32", "fp16", "int8"}, optional
        In which numbers the model computes; ``"fp32"`` if left out (docs/models.md).

    Attributes
    ----------
    text : SpaceFieldSet
        The texts, for ``.similar(space.text, "cats")``; ``.similar(space, "cats")`` is the same.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, there is no field, or two are of one schema.
    NotFoundException
        If there is no such model.
    FeatureNotSupportedException
        If the handler is not available.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Page(sl.Schema):
    ...     id: sl.IdField
    ...     title: sl.String
    >>> sl.TextSimilaritySpace(Page().title, model="embedded")
    TextSimilaritySpace(Page.title, model='embedded')
    """

    KIND: ClassVar[str] = "text_similarity_space"
    FIELD = "text"
    ACCEPTS = (String,)
    ACCEPTED = "String"

    def __init__(
        self,
        text: TextInput | Sequence[TextInput],
        model: str | os.PathLike[str],
        cache_size: int = 10_000,
        model_cache_dir: str | os.PathLike[str] | None = None,
        model_handler: TextModelHandler = TextModelHandler.SENTENCE_TRANSFORMERS,
        embedding_engine_config: EmbeddingEngineConfig | None = None,
        salt: str | None = None,
        *,
        revision: str | None = None,
        precision: Literal["fp32", "fp16", "int8"] | None = None,
    ) -> None:
        owner = "TextSimilaritySpace"
        given = list(text) if isinstance(text, (list, tuple)) else [text]
        self._chunks = {item.text: item for item in given if isinstance(item, ChunkedText)}
        fields = [item.text if isinstance(item, ChunkedText) else item for item in given]
        super().__init__(fields, TEXT, salt)
        if isinstance(cache_size, bool) or not isinstance(cache_size, int) or cache_size < 0:
            raise InvalidInputException(
                f"{owner}: parameter cache_size must be an int from 0, got {shown(cache_size)}."
            )
        if model_cache_dir is not None and not isinstance(model_cache_dir, (str, os.PathLike)):
            raise InvalidInputException(
                f"{owner}: parameter model_cache_dir must be a path, got {shown(model_cache_dir)}."
            )
        if embedding_engine_config is not None:
            require(embedding_engine_config, EmbeddingEngineConfig, owner=owner, parameter="embedding_engine_config")
        require(model_handler, TextModelHandler, owner=owner, parameter="model_handler")
        if model_handler is not TextModelHandler.SENTENCE_TRANSFORMERS:
            raise FeatureNotSupportedException(
                f"TextModelHandler.{model_handler.name} is not available; use TextModelHandler.SENTENCE_TRANSFORMERS."
            )
        if revision is not None:
            require(revision, str, owner=owner, parameter="revision")
        self._model = resolve(model, revision=revision, precision=precision, cache_directory=model_cache_dir)

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, model={self._model.name!r})"

    @property
    def text(self) -> SpaceFieldSet:
        """The texts of the space."""
        return self._field_set

    def _field_definition(self, field: SchemaField) -> Json:
        definition = super()._field_definition(field)
        if field in self._chunks:
            definition["chunk"] = self._chunks[field]._definition()  # type: ignore[index]  # a String, as checked
        return definition

    def _settings(self) -> Json:
        return {"model": self._model.to_json()}

"""The space of pictures and of the texts that describe them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from innerspace._arguments import require, shown
from innerspace.exceptions import InvalidInputException
from innerspace.model import EmbeddingEngineConfig, ModelHandler, check_handler, default_model
from innerspace.model_resolution import resolve
from innerspace.operand import IMAGE, TEXT
from innerspace.schema.blob import Blob, DescribedBlob
from innerspace.space.field_set import SpaceFieldSet
from innerspace.space.space import Space, check_one_field_per_schema

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.schema.schema import Schema
    from innerspace.schema.string import String

ImageInput = Blob | DescribedBlob | None


class ImageSpace(Space):
    """Pictures, and descriptions beside them, in the vector space of one model.

    A row's vector is the normalised sum of the embeddings of its picture and
    its description; a row may have either, both or none.

    Parameters
    ----------
    image : Blob, DescribedBlob, or a sequence of them
        ``schema.image`` or ``schema.image + schema.description``; at most one a schema.
    model : str or path, optional
        A model directory; ``"embedded"`` for the small model of the package, which
        is also the default (see :func:`innerspace.use_model`); or a name of the
        hub, such as ``"clip-ViT-B-32"``, ``"owner/name"`` or ``"owner/name@revision"``.
        A model of the hub is fetched once, into the Hugging Face cache.
    model_cache_dir : str or path, optional
        A cache directory instead of the one that HF_HUB_CACHE or HF_HOME names.
    model_handler : ModelHandler
        ``SENTENCE_TRANSFORMERS`` or ``OPEN_CLIP``.
    embedding_engine_config : EmbeddingEngineConfig, optional
    salt : str, optional
        Tells otherwise equal spaces apart.
    revision : str, optional
        The branch, tag or commit of a model of the hub; ``"main"`` if left out.
    precision : {"fp32", "fp16", "int8"}, optional
        In which numbers the model computes; ``"fp32"`` if left out (docs/models.md).

    Attributes
    ----------
    image : SpaceFieldSet
        The pictures, for ``.similar(space.image, picture)``.
    description : SpaceFieldSet
        The texts, for ``.similar(space.description, "red circle")``.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, there is no field, or two are of one schema.
    NotFoundException
        If there is no such model, or it is not in the cache and the hub cannot be reached.
    ForbiddenException, RequestTimeoutException, UnexpectedResponseException
        If the hub refuses the model or does not answer as it should.
    FeatureNotSupportedException
        If the handler is not available, or the repository holds no model that runs here.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    ...     description: sl.String
    >>> image = Image()
    >>> space = sl.ImageSpace(image=image.image + image.description, model="embedded")
    >>> space.description.name
    'description'
    """

    KIND: ClassVar[str] = "image_space"

    def __init__(
        self,
        image: ImageInput | Sequence[ImageInput],
        model: str | os.PathLike[str] | None = None,
        model_cache_dir: str | os.PathLike[str] | None = None,
        model_handler: ModelHandler = ModelHandler.SENTENCE_TRANSFORMERS,
        embedding_engine_config: EmbeddingEngineConfig | None = None,
        salt: str | None = None,
        *,
        revision: str | None = None,
        precision: Literal["fp32", "fp16", "int8"] | None = None,
    ) -> None:
        self._inputs = _image_inputs(image)
        check_handler(model_handler)
        if model_cache_dir is not None and not isinstance(model_cache_dir, (str, os.PathLike)):
            raise InvalidInputException(
                f"ImageSpace: parameter model_cache_dir must be a path, got {shown(model_cache_dir)}."
            )
        if embedding_engine_config is not None:
            require(
                embedding_engine_config, EmbeddingEngineConfig, owner="ImageSpace", parameter="embedding_engine_config"
            )
        if salt is not None:
            require(salt, str, owner="ImageSpace", parameter="salt")
        if revision is not None:
            require(revision, str, owner="ImageSpace", parameter="revision")
            if model is None:
                raise InvalidInputException("ImageSpace: parameter revision needs a model: name the one that it is of.")
        self._salt = salt
        if model is None:
            self._model = default_model.take(stacklevel=2, precision=precision, cache_directory=model_cache_dir)
        else:
            self._model = resolve(model, revision=revision, precision=precision, cache_directory=model_cache_dir)
        self.image = SpaceFieldSet(self, "image", IMAGE)
        self.description = SpaceFieldSet(self, "description", TEXT)

    def __repr__(self) -> str:
        fields = ", ".join(
            " + ".join(field._qualified_name for field in (blob, description) if field is not None)
            for blob, description in self._inputs
        )
        return f"ImageSpace({fields}, model={self._model.name!r})"

    @property
    def _schemas(self) -> tuple[Schema, ...]:
        return tuple(blob.schema_obj for blob, _ in self._inputs)

    def _definition(self, name: str) -> Json:
        definition: Json = {
            "type": self.KIND,
            "name": name,
            "fields": [
                {"schema": blob.schema_obj._name, "image": blob.name}
                | ({} if description is None else {"description": description.name})
                for blob, description in self._inputs
            ],
            "model": self._model.to_json(),
        }
        if self._salt is not None:
            definition["salt"] = self._salt
        return definition

    def _signature(self) -> tuple[object, ...]:
        model = self._model
        return (self.KIND, frozenset(self._inputs), model.path, model.text_path, model.precision, self._salt)

    def _similar_field_set(self) -> SpaceFieldSet:
        raise InvalidInputException(
            "An ImageSpace holds pictures and texts: name what to look for, "
            ".similar(space.image, ...) or .similar(space.description, ...)."
        )


def _image_inputs(image: object) -> tuple[tuple[Blob, String | None], ...]:
    given = [item for item in (image if isinstance(image, (list, tuple)) else [image]) if item is not None]
    inputs: list[tuple[Blob, String | None]] = []
    for item in given:
        if isinstance(item, DescribedBlob):
            inputs.append((item.blob, item.description))
        elif isinstance(item, Blob):
            inputs.append((item, None))
        else:
            raise InvalidInputException(f"'field_list' must be a(n) Blob list, got {given}")
    check_one_field_per_schema([blob.schema_obj for blob, _ in inputs], space="ImageSpace")
    return tuple(inputs)

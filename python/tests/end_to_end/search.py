"""The example notebook's objects, running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import innerspace as sl

if TYPE_CHECKING:
    from innerspace.query import QueryDescriptor


class Photo(sl.Schema):
    """Its fields have other names than an image space's own words, image and description."""

    key: sl.IdField
    photo: sl.Blob
    caption: sl.String


@dataclass
class Search:
    schema: Photo
    space: sl.ImageSpace
    index: sl.Index
    source: sl.InMemorySource
    app: sl.InMemoryApp
    query: QueryDescriptor

    @classmethod
    def make(cls, options: sl.Options | None = None) -> Search:
        photo = Photo()
        space = sl.ImageSpace(image=photo.photo + photo.caption, model="embedded")
        index = sl.Index(space)
        source = sl.InMemorySource(photo)
        app = sl.InMemoryExecutor(sources=[source], indices=[index], options=options).run()
        query = (
            sl.Query(index, weights={space: 1.0})
            .find(photo)
            .similar(space.image, sl.Param("image"), sl.Param("image_weight"))
            .similar(space.description, sl.Param("text"), sl.Param("text_weight"))
            .select_all()
        )
        return cls(photo, space, index, source, app, query)

    @staticmethod
    def row(label: str, *, description: bool = False) -> dict[str, Any]:
        row: dict[str, Any] = {"key": label, "photo": sl.datasets.shapes()[label].pil()}
        if description:
            # As in the notebook, the rectangle claims to be blue.
            row["caption"] = f"This is a {label.replace('-', ' ').replace('red rectangle', 'blue rectangle')}."
        return row

    def find(self) -> QueryDescriptor:
        return sl.Query(self.index).find(self.schema)

    def ask(self, **params: Any) -> sl.QueryResult:
        return self.app.query(self.query, **params)


def ids(result: sl.QueryResult) -> list[str]:
    return [entry.id for entry in result.entries]


def scores(result: sl.QueryResult) -> dict[str, float]:
    return {entry.id: entry.metadata.score for entry in result.entries}

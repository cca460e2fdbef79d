"""A user's program; test_typing.py has mypy check it with --strict. It is not run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import pandas as pd

from innerspace import framework as sl


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String
    caption: sl.String | None
    thumbnail: sl.Blob | None


image = Image()
assert_type(image.image, sl.Blob)
assert_type(image.image + image.description, sl.DescribedBlob)
assert_type(image.description + image.image, sl.DescribedBlob)
assert_type(image.image + image.caption, sl.DescribedBlob)

space = sl.ImageSpace(image=image.image + image.description, model=Path("model"), salt="a")
other = sl.ImageSpace([image.thumbnail, None], model_handler=sl.ModelHandler.SENTENCE_TRANSFORMERS)
index = sl.Index([space, other], fields=[image.description, image.caption])
parser = sl.DataFrameParser(image, mapping={image.description: "text"})
source: sl.InMemorySource = sl.InMemorySource(image, parser=parser)
executor = sl.InMemoryExecutor(sources=[source], indices=[index], options=sl.Options(pixels="reference", threads=1))

query = (
    sl.Query(index, weights={space: 1.0, other: sl.Param("other_weight", default=0.5)})
    .find(image)
    .similar(space.image, sl.Param("picture"), weight=sl.Param("picture_weight"))
    .similar(space.description, "red circle", 2)
    .select(["description", image.image], metadata=[space])
    .limit(sl.Param("limit"))
    .radius(0.5)
    .include_metadata()
)

with executor.run() as app:
    assert_type(app, sl.InMemoryApp)
    report = source.put([{"id": shape.id, "image": shape.path} for shape in sl.datasets.shapes()])
    assert_type(report, sl.PutReport)
    source.put(pd.DataFrame({"id": ["a"]}), on_error="skip", partial="merge")
    assert_type(app.query(query, picture=b"...", limit=3), sl.QueryResult)
    assert_type(app.delete(image, ["a"]), sl.DeleteReport)

try:
    source.put({"id": 1})
except sl.PutException as error:
    assert_type(error.report, sl.PutReport)
except sl.SuperlinkedException as error:
    print(error.path, error.status)


async def search() -> sl.QueryResult:
    return await app.async_query(query)

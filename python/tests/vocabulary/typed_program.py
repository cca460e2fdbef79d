"""A user's program; test_typing.py has mypy check it with --strict. It is not run."""

from __future__ import annotations

from datetime import timedelta
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


class Item(sl.Schema):
    id: sl.IdField
    name: sl.String
    price: sl.Float
    pieces: sl.Integer
    sold: sl.Boolean
    made: sl.Timestamp
    tags: sl.StringList
    vector: sl.FloatList | None
    rating: sl.Integer | None


class Event(sl.EventSchema):
    id: sl.IdField
    created_at: sl.CreatedAtField
    item: sl.SchemaReference[Item]
    other: sl.SchemaReference[Item]
    kind: sl.String


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


item, event = Item(), Event()
assert_type(item.price < 10, sl.Condition)
assert_type(item.name == "x", sl.Condition)
assert_type((item.pieces >= 3) | item.tags.contains(["a"]), sl.Condition)
price = sl.NumberSpace(item.price, min_value=0, max_value=10, mode=sl.Mode.MINIMUM, scale=sl.LinearScale())
made = sl.RecencySpace([item.made, None], period_time_list=[sl.PeriodTime(timedelta(days=7), weight=2)])
tags = sl.CategoricalSimilaritySpace([item.tags, item.name], categories=["a", "b"], negative_filter=-1.0)
vector = sl.CustomSpace(item.vector, length=2)
text = sl.TextSimilaritySpace([sl.chunk(item.name, chunk_size=100), image.caption], model="embedded")
effect = sl.Effect(vector, event.item, 0.5 * event.other, (event.kind == "read") | (event.kind == "seen"))
items = sl.Index(
    [price, made, tags, vector, text], fields=[item.pieces, item.rating], effects=[effect], max_age=timedelta(days=1)
)
wanted = (
    sl.Query(items, weights={price: 0.5})
    .find(item)
    .similar(tags, ["a"])
    .similar(vector.vector, sl.Param("taste"), weight=2)
    .with_vector(item, sl.Param("key"), weight={price: 1.0, made: sl.Param("recency")})
    .filter(item.pieces > 3)
    .filter(item.rating == sl.Param("rating"))
    .filter(item.rating != 3)
    .override_now(1_700_000_000)
    .replace_user_config(sl.QueryUserConfig(with_metadata=True))
)
sampled = sl.VectorSampler(app).get_all_vectors(items, item)
assert_type(sampled, sl.VectorCollection)
assert_type(sampled.id_list, list[str])
running = sl.InteractiveExecutor(
    sl.InteractiveSource(item), items, sl.InMemoryVectorDatabase(), {sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: 7}}
).run()
assert_type(running, sl.InteractiveApp)
loaded = sl.DataLoaderSource(item, sl.DataLoaderConfig("items.csv", sl.DataFormat.CSV)).load(on_error="skip")
assert_type(loaded, sl.PutReport)

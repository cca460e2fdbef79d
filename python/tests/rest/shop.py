"""The objects of a small shop: every kind of space, events, a source and queries that are served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import innerspace as sl

NOW = 1_700_000_000


class ShopItem(sl.Schema):
    id: sl.IdField
    name: sl.String
    price: sl.Float
    made: sl.Timestamp
    colours: sl.StringList
    tags: sl.StringList | None
    photo: sl.Blob | None


class Visitor(sl.Schema):
    id: sl.IdField
    taste: sl.String | None


class Click(sl.EventSchema):
    id: sl.IdField
    created_at: sl.CreatedAtField
    visitor: sl.SchemaReference[Visitor]
    item: sl.SchemaReference[ShopItem]
    kind: sl.String


@dataclass
class Shop:
    item: ShopItem
    visitor: Visitor
    source: sl.RestSource
    executor: sl.RestExecutor
    app: sl.RestApp

    @classmethod
    def make(cls, **configuration: Any) -> Shop:
        item, visitor, click = ShopItem(), Visitor(), Click()
        name = sl.TextSimilaritySpace([item.name, visitor.taste], model="embedded")
        price = sl.NumberSpace(item.price, 0, 10, sl.Mode.SIMILAR)
        made = sl.RecencySpace(item.made)
        colours = sl.CategoricalSimilaritySpace(item.colours, ["red", "blue"])
        photo = sl.ImageSpace(item.photo, model="embedded")
        index = sl.Index(
            [name, price, made, colours, photo],
            fields=[item.price, item.tags],
            effects=[sl.Effect(name, click.visitor, click.item, click.kind == "read")],
        )
        find = sl.Query(index, {made: sl.Param("recency", default=0.5), name: 1.0}).find(item)
        everything = (
            find.similar(price, sl.Param("price"), weight=sl.Param("price_weight", default=2.0))
            .similar(price, 4)
            .similar(colours, ["red"], weight=0.5)
            .similar(photo.image, sl.Param("photo"))
            .filter(item.price < sl.Param("below"))
            .filter(item.tags.not_contains("sale"))
            .select_all(metadata=[price])
            .include_metadata()
            .limit(sl.Param("limit"))
            .override_now(NOW)
        )
        like = sl.Query(index).find(item).with_vector(visitor, sl.Param("visitor"), weight={name: 0.5}).select("name")
        source = sl.RestSource(item)
        executor = sl.RestExecutor(
            sources=[source, sl.RestSource(visitor), sl.RestSource(click)],
            indices=[index],
            queries=[
                sl.RestQuery(sl.RestDescriptor("everything"), everything),
                sl.RestQuery(sl.RestDescriptor("like/visitor"), like),
            ],
            vector_database=sl.InMemoryVectorDatabase(),
            endpoint_configuration=sl.RestEndpointConfiguration(**configuration),
            context_data={sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: NOW}},
        )
        return cls(item, visitor, source, executor, executor.run())

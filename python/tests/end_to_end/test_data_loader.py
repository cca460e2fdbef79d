from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import innerspace as sl

FRAME = pd.DataFrame({"id": ["a", "b", "c"], "title": ["x", None, "z"], "price": [1.5, 2, None]})


class Item(sl.Schema):
    id: sl.IdField
    name: sl.String | None
    price: sl.Float | None


class Shop:
    def __init__(self, path: Path, kind: sl.DataFormat, **config: Any) -> None:
        item = Item()
        parser = sl.DataFrameParser(item, mapping={item.name: "title"})
        self.source = sl.DataLoaderSource(item, sl.DataLoaderConfig(path, kind, **config), parser)
        index = sl.Index(sl.NumberSpace(item.price, 0, 10, sl.Mode.MAXIMUM))
        self.app = sl.InMemoryExecutor(self.source, index).run()
        self.query = sl.Query(index).find(item).select_all()

    def rows(self) -> dict[str, dict[str, Any]]:
        return {entry.id: entry.fields for entry in self.app.query(self.query)}


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "items.csv"
    FRAME.to_csv(path, index=False, sep=";")
    return path


def write(frame: pd.DataFrame, path: Path, kind: sl.DataFormat) -> dict[str, Any]:
    """Write a frame; return how it is read."""
    match kind:
        case sl.DataFormat.CSV:
            frame.to_csv(path, index=False)
        case sl.DataFormat.FWF:
            path.write_text(frame.to_string(index=False, na_rep=""))
            return {"colspecs": [(0, 2), (2, 8), (8, 15)]}
        case sl.DataFormat.XML:
            frame.to_xml(path, index=False, parser="etree")
            return {"parser": "etree"}
        case sl.DataFormat.JSON:
            frame.to_json(path, orient="records", lines=True)
            return {"lines": True}
        case sl.DataFormat.PARQUET:
            frame.to_parquet(path)
        case sl.DataFormat.ORC:
            frame.to_orc(path)
    return {}


@pytest.mark.parametrize("kind", list(sl.DataFormat))
def test_every_format(tmp_path: Path, kind: sl.DataFormat) -> None:
    path = tmp_path / f"items.{kind.name.lower()}"
    frame = FRAME.fillna({"title": "y"}) if kind is sl.DataFormat.FWF else FRAME
    arguments = write(frame, path, kind)
    shop = Shop(path, kind, pandas_read_kwargs=arguments)
    report = shop.source.load()
    assert (report.rows, report.stored) == (3, 3)
    rows = shop.rows()
    assert rows["a"] == {"name": "x", "price": 1.5}
    assert rows["c"] == {"name": "z"}


def test_pieces_are_one_report(csv: Path) -> None:
    csv.write_text("id;title;price\na;x;1\nb;y;bad\nc;z;3\nd;w;\n;v;4\n")
    shop = Shop(csv, sl.DataFormat.CSV, pandas_read_kwargs={"sep": ";", "chunksize": 2})
    report = shop.source.load(on_error="skip")
    assert (report.rows, report.stored, report.batches) == (5, 3, 3)
    assert [(error.row, error.id, error.field) for error in report.errors] == [(1, "b", "price"), (4, "", "id")]
    assert set(shop.rows()) == {"a", "c", "d"}


def test_a_bad_row_stores_nothing(csv: Path) -> None:
    csv.write_text("id;title;price\na;x;1\nb;y;bad\n")
    shop = Shop(csv, sl.DataFormat.CSV, pandas_read_kwargs={"sep": ";"})
    with pytest.raises(sl.PutException, match=r"row 1 \(id 'b'\), price: Invalid value bad"):
        shop.source.load()
    assert shop.rows() == {}


def test_it_is_a_source_like_any(csv: Path) -> None:
    shop = Shop(csv, sl.DataFormat.CSV, name="items")
    assert shop.source.config.name == "items"
    shop.source.put(pd.DataFrame({"id": ["z"], "title": ["t"]}))
    assert shop.rows() == {"z": {"name": "t"}}


def test_what_cannot_be_read(csv: Path, tmp_path: Path) -> None:
    with pytest.raises(sl.NotFoundException, match="There is no file"):
        Shop(tmp_path / "none.csv", sl.DataFormat.CSV).source.load()
    with pytest.raises(sl.NotFoundException, match="reads files on this machine"):
        Shop(Path("https://example.com/items.csv"), sl.DataFormat.CSV).source.load()
    with pytest.raises(sl.InvalidInputException, match="is not a file"):
        Shop(tmp_path, sl.DataFormat.CSV).source.load()
    with pytest.raises(sl.LimitExceededException, match="more than the 3 that are allowed"):
        Shop(csv, sl.DataFormat.CSV, max_bytes=3).source.load()
    with pytest.raises(sl.InvalidInputException, match=r"pandas could not read 'items\.csv' as PARQUET"):
        Shop(csv, sl.DataFormat.PARQUET).source.load()
    with pytest.raises(sl.InvalidInputException, match=r"could not read .* TypeError"):
        Shop(csv, sl.DataFormat.CSV, pandas_read_kwargs={"nope": 1}).source.load()


def test_before_run(csv: Path) -> None:
    source = sl.DataLoaderSource(Item(), sl.DataLoaderConfig(csv, sl.DataFormat.CSV))
    with pytest.raises(sl.InvalidInputException, match=r"not allowed until executor\.run\(\)"):
        source.load()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((7, sl.DataFormat.CSV), "parameter path must be a path, got int 7"),
        (("", sl.DataFormat.CSV), "parameter path must be a path"),
        (("x", "csv"), "parameter format must be a DataFormat, got str 'csv'"),
        (("x", sl.DataFormat.CSV, None, ["sep"]), "parameter pandas_read_kwargs must be a Mapping"),
    ],
)
def test_wrong_configs(arguments: Any, text: str) -> None:
    with pytest.raises(sl.InvalidInputException, match=text):
        sl.DataLoaderConfig(*arguments)


def test_a_wrong_size() -> None:
    with pytest.raises(sl.InvalidInputException, match="parameter max_bytes must be an int from 1, got int 0"):
        sl.DataLoaderConfig("x", sl.DataFormat.CSV, max_bytes=0)

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from innerspace import gallery as gallery_module
from innerspace.gallery import gallery
from innerspace.result import QueryResult

Make = Callable[..., QueryResult]
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """What a browser would see: elements, their attributes, their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.depth = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.depth += tag != "img"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.elements[-1][0] != "style":
            self.text.append(data)

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if name in (tag, attributes.get("class"))]

    @property
    def words(self) -> str:
        return " ".join(self.text)


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"id-{n}", "score": 0.9 - n / 100, "contributions": [0.5, 0.4 - n / 100], **more} for n in range(count)
    ]


def test_a_card_says_what_was_found_and_why(make_result: Make, png: bytes) -> None:
    result = make_result(rows(1, image=png, description="a grey wedge"), params={"text_search": "wedge"})
    page = Page(gallery(result))
    assert page.depth == 0
    for words in (
        "#1",
        "id-0",
        "0.9000",
        "+0.5000",
        "+0.4000",
        "image_search",
        "text_search",
        "“wedge”",
        "a grey wedge",
        "1 result for Image",
        "1,234 rows searched",
        "embedded (0123456789ab)",
    ):
        assert words in page.words
    (image,) = page.of("img")
    assert image["alt"] == "id-0"
    assert (image["src"] or "").startswith("data:image/webp;base64,UklGR")


def test_everything_from_the_data_is_escaped(make_result: Make, png: bytes) -> None:
    result = make_result(
        [{"id": EVIL, "score": 0.5, "contributions": [0.25, 0.25], "image": png, EVIL: EVIL}],
        fields=(("image", "blob"), (EVIL, "string")),
        clauses=(EVIL, "text_search"),
        params={EVIL: EVIL, "text_search": EVIL},
        schema_name=EVIL,
    )
    html = gallery(result)
    page = Page(html)
    assert page.depth == 0
    assert {tag for tag, _ in page.elements} <= {
        "div",
        "style",
        "header",
        "footer",
        "b",
        "span",
        "article",
        "i",
        "img",
        "p",
    }
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.words.count(EVIL) >= 5


def test_nothing_comes_from_elsewhere_and_nothing_runs(make_result: Make, png: bytes) -> None:
    html = gallery(make_result(rows(3, image=png)))
    assert "<script" not in html
    assert not re.search(r"https?:|url\(|@import", html)


def test_themes(make_result: Make) -> None:
    html = gallery(make_result(rows(1)))
    assert "prefers-color-scheme: dark" in html
    assert "--jp-layout-color1" in html
    assert "--vscode-editor-background" in html


def test_long_results_are_capped_and_counted(make_result: Make, png: bytes) -> None:
    page = Page(gallery(make_result(rows(32, image=png))))
    assert len(page.of("article")) == 20
    assert "12 more not shown" in page.words
    assert "32 results" in page.words
    assert len(Page(gallery(make_result(rows(3)), max_cards=2)).of("article")) == 2


def test_size_is_bounded(make_result: Make, png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(gallery_module._Budget(1 << 20).thumbnail(png) or b"")
    monkeypatch.setattr(gallery_module, "MAX_THUMBNAIL_BYTES", int(one * 2.5))
    page = Page(gallery(make_result(rows(5, image=png, description="x" * 100_000))))
    assert len(page.of("img")) == 2
    assert page.words.count("not shown") == 3
    assert max(map(len, page.text)) <= 300


def test_pictures_that_cannot_be_shown_do_not_stop_the_rest(make_result: Make) -> None:
    page = Page(gallery(make_result([*rows(1, image=b"not a picture"), *rows(1)])))
    assert "not shown (13 bytes)" in page.words
    assert "no image" in page.words


def bars(html: str) -> list[list[tuple[float, float]]]:
    return [
        [(float(left), float(width)) for left, width in re.findall(r"left:([\d.]+)%;width:([\d.]+)%", bar)]
        for bar in re.findall(r'<div class="bar">(.*?)</div>', html)
    ]


def test_bars_are_on_one_scale_from_zero_to_one(make_result: Make) -> None:
    result = make_result(
        [{"id": "a", "score": 0.75, "contributions": [0.5, 0.25]}, {"id": "b", "score": 0.25, "contributions": None}]
    )
    assert bars(gallery(result)) == [[(0.0, 50.0), (50.0, 25.0)], [(0.0, 25.0)]]


def test_negative_shares_go_left_of_zero(make_result: Make) -> None:
    result = make_result(
        [
            {"id": "a", "score": 0.5, "contributions": [1.0, -0.5]},
            {"id": "b", "score": -1.0, "contributions": [-0.5, -0.5]},
        ]
    )
    html = gallery(result)
    assert bars(html) == [[(50.0, 50.0), (25.0, 25.0)], [(25.0, 25.0), (0.0, 25.0)]]
    assert len(Page(html).of("zero")) == 2
    assert [mark["style"] for mark in Page(html).of("total")] == ["left:75.00%"]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), 3.5, -2.0, 0.0])
def test_any_score_can_be_drawn(make_result: Make, score: float) -> None:
    html = gallery(make_result([{"id": "a", "score": score, "contributions": None}, *rows(1)]))
    assert all(0 <= left <= 100 and left + width <= 100.01 for bar in bars(html) for left, width in bar)
    assert "nan%" not in html


def test_no_results(make_result: Make) -> None:
    page = Page(gallery(make_result([])))
    assert "No results for Image" in page.words
    assert page.of("article") == []


def test_values_that_stand_in_the_query_are_known_by_their_field(make_result: Make) -> None:
    page = Page(gallery(make_result(rows(1), clauses=("", "image_0__"))))
    assert "__" not in page.words
    assert "image" in page.words

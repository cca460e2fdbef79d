"""How a result shows itself in a notebook: cards with thumbnails, scores and what made them up.

One piece of HTML without scripts or anything from elsewhere. It follows the
notebook's theme, or the system's where there is none, and stays small: few
cards, thumbnails in place of pictures, long texts cut.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from innerspace._native import calls
from innerspace.exceptions import InnerspaceException

if TYPE_CHECKING:
    from innerspace.result import QueryResult, ResultClause, ResultMetadata

MAX_CARDS = 20
"""How many entries are shown; the rest is counted."""

MAX_THUMBNAIL_BYTES = 3 << 20
"""All thumbnails together; pictures past it are named and not shown."""

_THUMBNAIL_SIDE = 304  # pixels: twice the height of its box, for screens with two pixels to a point
_MAX_TEXT = 300  # characters of a field's text
_MAX_NAME = 80  # characters of an id, a parameter's name or its value
_COLOURS = 6  # in gallery.css


@dataclass(frozen=True, slots=True)
class _Card:
    rank: int
    id: str
    score: float
    pictures: tuple[bytes | None, ...]
    texts: tuple[tuple[str, str], ...]
    shares: tuple[float, ...]


def gallery(result: QueryResult, max_cards: int = MAX_CARDS) -> str:
    """Return a result as HTML.

    Parameters
    ----------
    result : QueryResult
    max_cards : int, default 20

    Returns
    -------
    str
        A ``div`` with its own style sheet; everything in it that is data is escaped.
    """
    metadata = result.metadata
    clauses = [clause for clause in metadata.clauses if clause.active]
    cards = list(_cards(result, max_cards))
    scale = _Scale.of(cards)
    budget = _Budget(MAX_THUMBNAIL_BYTES)
    shown = "".join(_card_html(card, clauses, scale, budget) for card in cards)
    return (
        f'<div class="innerspace-gallery"><style>{_style()}</style>'
        f"{_header(len(result), metadata, clauses)}"
        f'<div class="cards">{shown}</div>{_footer(len(result) - len(cards), metadata)}</div>'
    )


def _cards(result: QueryResult, count: int) -> Iterator[_Card]:
    # Column by column and no further than shown: a long result holds pictures that nobody looks at here.
    table = result._table
    fields = table.with_role("field")
    columns = [table.values(column, count) for column in fields]
    ids = table.role_values("id", count) or []
    scores = table.role_values("score", count) or []
    shares = table.role_values("contributions", count) or [None] * len(ids)
    origins = table.role_values("origin", count) or [None] * len(ids)
    for rank, (identity, score, share, origin) in enumerate(zip(ids, scores, shares, origins, strict=True)):
        values = [(column, values[rank]) for column, values in zip(fields, columns, strict=True)]
        yield _Card(
            rank,
            identity,
            score,
            tuple(value for column, value in values if column.is_blob),
            (
                *([("piece of", origin)] if origin else []),
                *((column.name, value) for column, value in values if not column.is_blob and value is not None),
            ),
            tuple(share or ()),
        )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a share of a score to percent of the bar's width. Zero is inside; one is, where nothing is above it."""

    low: float
    high: float

    @classmethod
    def of(cls, cards: Sequence[_Card]) -> _Scale:
        ends = [end for card in cards for end in (card.score, *_ends(card.shares)) if math.isfinite(end)]
        return cls(min(0.0, *ends, 0.0), max(1.0, *ends, 1.0))

    def at(self, value: float) -> float:
        return 100 * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)


def _ends(shares: Sequence[float]) -> tuple[float, float]:
    """Return how far the shares reach below and above zero when stacked."""
    return sum(share for share in shares if share < 0), sum(share for share in shares if share > 0)


class _Budget:
    """What is left to spend on thumbnails, in bytes of WebP."""

    def __init__(self, size: int) -> None:
        self._left = size

    def thumbnail(self, picture: bytes) -> bytes | None:
        if self._left <= 0:
            return None
        try:
            small = calls.image_thumbnail(picture, _THUMBNAIL_SIDE)
        except InnerspaceException:
            # A picture that can't be shown is no reason not to show the rest.
            return None
        self._left -= len(small)
        return small if self._left >= 0 else None


def _card_html(card: _Card, clauses: Sequence[ResultClause], scale: _Scale, budget: _Budget) -> str:
    pictures = ""
    if card.pictures:
        pictures = f'<div class="pictures">{"".join(_picture(p, card.id, budget) for p in card.pictures)}</div>'
    texts = "".join(
        f'<p class="field" title="{escape(_cut(text, 1000))}"><span>{escape(_cut(name, _MAX_NAME))}</span>'
        f"{escape(_cut(text, _MAX_TEXT))}</p>"
        for name, text in card.texts
    )
    return (
        f'<article class="card">{pictures}<div class="body"><div class="title">'
        f'<span class="rank" title="rank {card.rank}">#{card.rank + 1}</span>'
        f'<span class="id" title="{escape(_cut(card.id, 1000))}">{escape(_cut(card.id, _MAX_NAME))}</span>'
        f'<span class="score" title="similarity_score {card.score!r}">{_number(card.score)}</span></div>'
        f"{_bar(card, scale)}{_shares(card, clauses)}{texts}</div></article>"
    )


def _picture(picture: bytes | None, identity: str, budget: _Budget) -> str:
    if picture is None:
        return '<span class="none">no image</span>'
    small = budget.thumbnail(picture)
    if small is None:
        return f'<span class="none">not shown ({len(picture):,} bytes)</span>'
    source = b64encode(small).decode("ascii")
    return f'<img alt="{escape(_cut(identity, _MAX_NAME))}" src="data:image/webp;base64,{source}">'


def _bar(card: _Card, scale: _Scale) -> str:
    shares = card.shares if len(card.shares) > 1 else (card.score,)
    parts = []
    below = above = 0.0
    for position, share in enumerate(shares):
        if not math.isfinite(share):
            continue
        start = above if share >= 0 else below
        left, right = sorted((scale.at(start), scale.at(start + share)))
        parts.append(f'<i style="left:{left:.2f}%;width:{right - left:.2f}%;background:{_colour(position)}"></i>')
        if share >= 0:
            above += share
        else:
            below += share
    if scale.low < 0:
        parts.append(f'<i class="zero" style="left:{scale.at(0):.2f}%"></i>')
    if below < 0 < above:
        parts.append(f'<i class="total" style="left:{scale.at(card.score):.2f}%"></i>')
    return f'<div class="bar">{"".join(parts)}</div>'


def _shares(card: _Card, clauses: Sequence[ResultClause]) -> str:
    if len(card.shares) < 2:
        return ""
    rows = "".join(
        f'{_swatch(position)}<span class="name" title="{escape(_cut(_name(clause), 1000))}">'
        f'{escape(_cut(_name(clause), _MAX_NAME))}</span><span class="share">{share:+.4f}</span>'
        for position, (clause, share) in enumerate(zip(clauses, card.shares, strict=False))
    )
    return f'<div class="shares">{rows}</div>'


def _header(found: int, metadata: ResultMetadata, clauses: Sequence[ResultClause]) -> str:
    count = "No results" if not found else f"{found:,} result{'s' if found != 1 else ''}"
    keys = "".join(
        f'<span class="key">{_swatch(position) if len(clauses) > 1 else ""}<span>{_key(clause, metadata)}</span></span>'
        for position, clause in enumerate(clauses)
    )
    return f"<header><b>{count} for {escape(_cut(metadata.schema_name, _MAX_NAME))}</b>{keys}</header>"


def _key(clause: ResultClause, metadata: ResultMetadata) -> str:
    value = metadata.search_params.get(clause.param)
    said = f" “{_cut(value, _MAX_NAME)}”" if isinstance(value, str) and clause.param else ""
    return escape(f"{_cut(_name(clause), _MAX_NAME)}{said} × {clause.weight:g}")


def _footer(left_out: int, metadata: ResultMetadata) -> str:
    parts = [f"{metadata.rows_searched:,} row{'s' if metadata.rows_searched != 1 else ''} searched"]
    parts += [f"model {model.name} ({model.fingerprint[:12]})" for model in metadata.models]
    parts += [
        f"{_shown_param(text.param)} has {text.tokens:,} tokens: only the first {text.limit:,} were used"
        for text in metadata.truncated
    ]
    if left_out:
        parts.insert(0, f"{left_out:,} more not shown: see result.to_pandas()")
    return f"<footer>{''.join(f'<span>{escape(_cut(part, 200))}</span>' for part in parts)}</footer>"


def _name(clause: ResultClause) -> str:
    """Return what the user knows a clause by: its parameter, or its field where the value stands in the query."""
    return clause.field if not clause.param or clause.param.endswith("__") else clause.param


def _shown_param(param: str) -> str:
    return "the query's text" if not param or param.endswith("__") else param


def _swatch(position: int) -> str:
    return f'<span class="swatch" style="background:{_colour(position)}"></span>'


def _colour(position: int) -> str:
    return f"var(--clause-{position % _COLOURS})"


def _number(score: float) -> str:
    return f"{score:.4f}" if math.isfinite(score) else str(score)


def _cut(text: Any, length: int) -> str:
    whole = str(text)
    return whole if len(whole) <= length else whole[: length - 1] + "…"


@cache
def _style() -> str:
    return files("innerspace").joinpath("gallery.css").read_text(encoding="utf-8")

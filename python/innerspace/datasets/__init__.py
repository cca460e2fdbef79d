"""Pictures that ship with the package."""

from __future__ import annotations

from pathlib import Path

from innerspace.datasets.pictures import Picture, Pictures

__all__ = ["Picture", "Pictures", "shapes"]

_SHAPES = ("blue-circle", "blue-square", "red-circle", "red-rectangle", "red-circle-with-black-frame")


def shapes() -> Pictures:
    """Return five drawings of simple shapes, in as many kinds of PNG.

    Returns
    -------
    Pictures
        ``blue-circle`` (225x225, palette), ``blue-square`` (960x960, RGB),
        ``red-circle`` (348x348, palette of 16), ``red-rectangle`` (420x280,
        RGBA) and ``red-circle-with-black-frame`` (225x225, palette).

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.datasets.shapes()["red-circle"].pil().size
    (348, 348)
    >>> [shape.id for shape in sl.datasets.shapes()][:2]
    ['blue-circle', 'blue-square']
    """
    folder = Path(__file__).parent / "shapes"
    return Pictures([Picture(id=label, path=folder / f"{label}.png") for label in _SHAPES])

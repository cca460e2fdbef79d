"""What ``.similar`` is pointed at: one kind of input of a space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from innerspace.operand import OperandKind
    from innerspace.space.space import Space


@dataclass(frozen=True, eq=False)
class SpaceFieldSet:
    """One kind of input of a space, such as the pictures or the descriptions of an ImageSpace.

    Attributes
    ----------
    space : Space
    name : str
        Its name in the space, such as ``"image"``.
    kind : OperandKind
        What a query may look for in it.
    """

    space: Space
    name: str
    kind: OperandKind

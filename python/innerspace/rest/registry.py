"""The executors that a module offers to a server."""

from __future__ import annotations

from innerspace._arguments import require
from innerspace.executor import InMemoryExecutor


class SuperlinkedRegistry:
    """The executors of this process that ``innerspace serve`` runs.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Float
    >>> item = Item()
    >>> index = sl.Index(sl.NumberSpace(item.price, 0, 10, sl.Mode.MINIMUM))
    >>> executor = sl.RestExecutor(sl.RestSource(item), index, [])
    >>> sl.SuperlinkedRegistry.register(executor)
    >>> executor in sl.SuperlinkedRegistry.get_executors()
    True
    """

    # A dict for its order: what is served and reported is in the order of registration.
    _executors: dict[InMemoryExecutor, None] = {}  # noqa: RUF012

    @staticmethod
    def register(*executors: InMemoryExecutor) -> None:
        """Add executors; those that are there already are left.

        Raises
        ------
        InvalidInputException
            If one is no executor.
        """
        for position, executor in enumerate(executors):
            require(
                executor,
                InMemoryExecutor,
                owner="SuperlinkedRegistry.register()",
                parameter=f"executors[{position}]",
            )
        SuperlinkedRegistry._executors.update(dict.fromkeys(executors))

    @staticmethod
    def get_executors() -> frozenset[InMemoryExecutor]:
        """Return the executors that were registered."""
        return frozenset(SuperlinkedRegistry._executors)

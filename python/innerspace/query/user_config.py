"""Settings of a query that are about how it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from innerspace._arguments import require


@dataclass(frozen=True)
class QueryUserConfig:
    """How a query is run and what it returns beside the rows.

    Parameters
    ----------
    with_metadata : bool, default False
        Return the score of each space, as ``.include_metadata()`` does.
    redis_hybrid_policy, redis_batch_size : optional
        Taken for compatibility, without effect: there is no Redis.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.QueryUserConfig(with_metadata=True).with_metadata
    True
    """

    with_metadata: bool = False
    redis_hybrid_policy: Any = None
    redis_batch_size: int = 250

    def __post_init__(self) -> None:
        require(self.with_metadata, bool, owner="QueryUserConfig", parameter="with_metadata")

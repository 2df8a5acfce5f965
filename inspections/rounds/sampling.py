"""The sample of a village, drawn by a recorded seed: the same seed and register give the same sample. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def draw(seed: str, place: str, sort: str, keys: Sequence[int], count: int) -> list[int]:
    """`count` of `keys` (all, where there are fewer) for `place` (a unit's code), in the order drawn.

    `keys` are taken in ascending order whatever the order given, so that only their set matters.
    """
    ordered = sorted(keys)
    return Random(f"{seed}:{place}:{sort}").sample(ordered, min(count, len(ordered)))

"""Scores of several searches, made comparable and put together. All by key of a passage, higher is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Scores = dict[int, float]
Neighbours = Mapping[int, tuple[int | None, int | None]]

NEIGHBOUR_SHARE = 0.3
"""How much of its score a turn passes to the one before and after: an answer rarely repeats the question."""


def unit_range(found: Sequence[tuple[int, float]], lowest: float | None = None) -> Scores:
    """What a search found, best first, stretched: the best is 1, `lowest` (None: the worst of them) 0."""
    if not found:
        return {}
    best = found[0][1]
    worst = found[-1][1] if lowest is None else lowest
    return {key: (score - worst) / (best - worst) if best > worst else 1.0 for key, score in found}


def fuse(dense: Mapping[int, float], sparse: Mapping[int, float], share: Callable[[int], float]) -> Scores:
    """Weighted sum; `share` tells, from 0 to 1, how much the meaning of a passage counts beside its words."""
    if not dense or not sparse:
        return dict(dense or sparse)
    fused = {}
    for key in {**dense, **sparse}:
        weight = share(key)
        fused[key] = weight * dense.get(key, 0.0) + (1 - weight) * sparse.get(key, 0.0)
    return fused


def diffuse(scores: Mapping[int, float], neighbours: Neighbours) -> Scores:
    """Each passage of `neighbours` passes a share of its score to those beside it, which may be new."""
    spread = dict(scores)
    for key, beside in neighbours.items():
        for other in beside:
            if other is not None and key in scores:
                spread[other] = spread.get(other, 0.0) + NEIGHBOUR_SHARE * scores[key]
    return spread


def best(scores: Mapping[int, float], limit: int) -> list[int]:
    """Keys, best first; equal ones in the order of their keys, so that a search repeats itself."""
    return sorted(scores, key=lambda key: (-scores[key], key))[:limit]

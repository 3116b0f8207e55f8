"""The base score of a CVSS 3 vector (FIRST, "CVSS v3.1 Specification", section 7.1)."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["base_score"]

_WEIGHTS: dict[str, dict[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {
    "U": {"N": 0.85, "L": 0.62, "H": 0.27},
    "C": {"N": 0.85, "L": 0.68, "H": 0.5},
}


def _up(value: float) -> float:
    """Round up to one decimal, as the specification's appendix A does."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (math.floor(whole / 10_000) + 1) / 10


def base_score(vector: str) -> dict[str, Any]:
    """Return version, vector, base score and severity of a vector, as CSAF wants them.

    Raises:
        ValueError: it lacks a metric, or has a value that there is none of.
    """
    version, *parts = vector.removeprefix("CVSS:").split("/")
    metrics = dict(part.split(":", 1) for part in parts)
    try:
        weight = {key: values[metrics[key]] for key, values in _WEIGHTS.items()}
        changed = metrics["S"] == "C"
        privileges = _PRIVILEGES[metrics["S"]][metrics["PR"]]
    except KeyError as error:
        raise ValueError(f"{vector!r} is no CVSS 3 vector: {error}") from error
    impact = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    total = 7.52 * (impact - 0.029) - 3.25 * (impact - 0.02) ** 15 if changed else 6.42 * impact
    reach = 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    sum_ = 1.08 * (total + reach) if changed else total + reach
    score = 0.0 if total <= 0 else _up(min(sum_, 10))
    bounds = ((9.0, "CRITICAL"), (7.0, "HIGH"), (4.0, "MEDIUM"), (0.1, "LOW"))
    word = next((name for least, name in bounds if score >= least), "NONE")
    return {
        "version": version, "vectorString": vector, "baseScore": score, "baseSeverity": word,
    }  # fmt: skip

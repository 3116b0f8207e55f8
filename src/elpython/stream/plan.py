"""The calendar of one series, from the day of its final release."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from elpython.stream.policy import Policy, add_months
from elpython.stream.release import BadReleaseError

if TYPE_CHECKING:
    import datetime as dt

    from elpython.stream.policy import Calendar

__all__ = ["dated", "following", "plan_series", "policy_text"]

_MOST = 15
_SLOTS = 40
_ON_TIME = 3  # days


def dated(
    policy: Policy, series: tuple[int, int], final: dt.date, first: dt.date | None = None
) -> Policy:
    """Return a policy whose calendar is anchored at a series' own days.

    Args:
        policy: how releases are labelled and counted.
        series: the series.
        final: the day of its final release.
        first: the day of its first alpha; by default so that the planned months fit.

    Raises:
        BadReleaseError: the first alpha is not before the freeze.
    """
    calendar = policy.calendar
    if first is None:
        span = calendar.months_between_finals - calendar.months_to_next_series
        first = add_months(final, -span)
    if first >= calendar.freeze(final):
        raise BadReleaseError(
            f"a first alpha on {first} leaves no time before the freeze on "
            f"{calendar.freeze(final)}",
            todo="give an earlier --first or a later --final",
        )
    own = replace(calendar, anchor_series=series, anchor_final=final, anchor_first=first)
    return replace(policy, calendar=own)


def following(calendar: Calendar, day: dt.date, freeze: dt.date) -> dt.date:
    """Return the planned day of the pre-freeze release after one of a day.

    The plan counts back from the freeze, in the policy's months; a late release, or a first one
    between two planned days, does not move those after it. None is planned just before the freeze:
    from then on it is the freeze's own day.
    """
    months = calendar.months_between
    slots = [add_months(freeze, -months * number) for number in range(1, _SLOTS)]
    usual = add_months(day, months)
    after = [slot for slot in slots if slot > day + (usual - day) / 2]
    nearest = min((slot for slot in after if slot < freeze), default=None)
    on_time = any(abs((slot - day).days) <= _ON_TIME for slot in slots)
    planned = usual if on_time or nearest is None else nearest
    return freeze if freeze - planned <= timedelta(days=_ON_TIME) else planned


def plan_series(policy: Policy, series: tuple[int, int]) -> list[tuple[str, dt.date]]:
    """Return the planned releases of a series with their days; pre-freeze ones as `a1, b2 ...`.

    Which of them are alphas is decided by what breaks; the plan shows betas after the first.
    """
    calendar = policy.calendar
    name = f"{series[0]}.{series[1]}"
    final = calendar.final(series)
    freeze = calendar.freeze(final)
    first = calendar.first(series)
    rows: list[tuple[str, dt.date]] = []
    day = first
    for number in range(_MOST):
        if day >= freeze:
            break
        rows.append((f"{name}.0{'a' if not number else 'b'}{number + 1}", day))
        day = following(calendar, day, freeze)
    for number in range(calendar.candidates):
        day = add_months(freeze, calendar.months_between_candidates * number)
        rows.append((f"{name}.0rc{number + 1}", day))
    rows.append((f"{name}.0", final))
    return rows


def policy_text(policy: Policy) -> str:
    """Return a policy as the text of its file."""
    calendar = policy.calendar
    series = f"{calendar.anchor_series[0]}.{calendar.anchor_series[1]}"

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = [
        f"title = {quoted(policy.title)}",
        f"source = {quoted(policy.source)}",
        "",
        "[labels]",
        *(f"{key} = {quoted(value)}" for key, value in policy.labels.items()),
        "",
        "[serial]",
        f"shared = {str(policy.shared_serial).lower()}",
        f"restart_at_candidate = {str(policy.restart_at_candidate).lower()}",
        "",
        "[calendar]",
        *(
            f"{key} = {getattr(calendar, key)}"
            for key in (
                "months_between", "freeze_months_before_final", "candidates",
                "months_between_candidates", "least_weeks_to_final", "months_to_next_series",
            )
        ),
        f'anchor_series = "{series}"',
        f"anchor_final = {calendar.anchor_final.isoformat()}",
        f"anchor_first = {calendar.anchor_first.isoformat()}",
        f"months_between_finals = {calendar.months_between_finals}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"

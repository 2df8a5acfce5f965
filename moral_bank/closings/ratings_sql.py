"""The arithmetic of `ratings` as pieces of statements, for the closing and for a trial run; scores in whole hundredths."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def clamp_sql(value: str, lowest: str | int, highest: str | int) -> str:
    """`value` kept from `lowest` to `highest`, as `head_score` does."""
    return least_sql(f"{'GREATEST' if connection.vendor == 'postgresql' else 'MAX'}({value}, {lowest})", highest)


def least_sql(one: str, other: str | int) -> str:
    return f"{'LEAST' if connection.vendor == 'postgresql' else 'MIN'}({one}, {other})"


def mean_sql(total: str, count: str) -> str:
    """`mean_score`: the mean of `count` scores that make `total`, half up."""
    return f"(2 * {total} + {count}) / (2 * {count})"


def stars_sql(hundredths: str, vetoed: str, lines: Iterable[tuple[int, str | int]]) -> str:
    """`stars_of` by `lines` of (stars, lowest score), best first."""
    cases = " ".join(f"WHEN {hundredths} >= 100 * {lowest} THEN {stars}" for stars, lowest in lines)
    return f"CASE WHEN {vetoed} THEN 0 {cases} ELSE 0 END"

"""What data/ says: codes and names, as frozen rows (see data/README.md for licences)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

DATA = Path(settings.BASE_DIR) / "data"
COUNTY, TOWNSHIP, FORMER_TOWNSHIP = "511923000000", "511923102000", "511923132000"


@dataclass(frozen=True)
class Division:
    """One village or community: its 12-digit code and its name."""

    code: str
    name: str

    @property
    def is_community(self) -> bool:
        return self.name.endswith("居民委员会")


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def villages() -> tuple[Division, ...]:
    """The 14 villages and communities of today, by code."""
    rows = _rows("divisions/town_511923102_xixing.csv")
    return tuple(Division(row["code"], row["name"]) for row in rows if row["parent_code"] == TOWNSHIP)


@cache
def removed_villages() -> tuple[Division, ...]:
    """Villages of 西兴镇 and of the former 高峰镇 that were there in 2018 and not in 2023."""
    rows = _rows("divisions/changes_2018_2023_xixing_gaofeng.csv")
    return tuple(
        Division(row["code"], row["name_2018_10_31"])
        for row in rows
        if row["level"] == "village" and row["status"] == "removed"
    )


@cache
def added_codes() -> frozenset[str]:
    """Codes of the villages that were not there in 2018."""
    rows = _rows("divisions/changes_2018_2023_xixing_gaofeng.csv")
    return frozenset(row["code"] for row in rows if row["status"] == "added")


def lineage() -> tuple[tuple[str, str], ...]:
    """Pairs (former code, code of today) that the names alone make certain (data/divisions/README.md)."""
    today = {division.name: division.code for division in villages() if division.code in added_codes()}
    return tuple((old.code, today[old.name]) for old in removed_villages() if old.name in today)


@cache
def weighted_names(kind: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Names of `kind` (last, first_male, first_female) and their weights."""
    rows = [row for row in _rows("names/faker_zh_CN.csv") if row["kind"] == kind]
    return tuple(row["value"] for row in rows), tuple(float(row["weight"]) for row in rows)


@cache
def hard_names() -> tuple[str, ...]:
    """Full names that software tends to break: 4-byte characters, compound surnames, Uyghur, Yi, Tibetan."""
    found = []
    for row in _rows("names/special_names.csv"):
        value, why = row["value"], row["why"]
        if any(mark in value for mark in " 　（）•"):
            continue
        if why == "compound surname":
            value += "明华"
        found.append(f"李{value}" if len(value) == 1 else value)
    return tuple(found)

"""The kinds of decision that a township starts with (plan §三.1; domain.md §4, §14)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.kind_models import DecisionKind, Gate
from villages.models import Unit

FOLDER = Path(settings.BASE_DIR) / "data/councils"
FROM = date(2018, 12, 29)  # as the laws stood before their last amendment
OLD_LAW: dict[str, Any] = {"law_to": date(2025, 12, 31)}
NEW_LAW: dict[str, Any] = {"law_from": date(2026, 1, 1), "needs_checking": True}
_SHARE = re.compile(r"(\w*)(>=?)(\d+)/(\d+)")


def decision_kinds_set_up(*, township: Unit, by: User | None = None) -> int:
    """Put up, in force, the shipped kinds that the township does not have; returns how many."""
    if by is not None and not by.may(Action.DECISION_KIND, township.path):
        raise DecisionError("这个乡镇的决策程序不归您维护。", "scope")
    with transaction.atomic():
        kept = set(DecisionKind.objects.filter(township=township).values_list("code", flat=True))
        drafts = [kind for kind in _kinds(township) if kind.code not in kept]
        bulk_create_with_history(drafts, DecisionKind, default_user=by)
        new = DecisionKind.objects.filter(township=township, code__in=[one.code for one in drafts])
        made = {kind.code: kind for kind in new}
        Gate.objects.bulk_create([Gate(kind=made[row["kind"]], **gate_of(row)) for row in _rows("gates") if row["kind"] in made])
        for kind in made.values():
            kind.state, kind.adopted_at, kind.adopted_by = DecisionKind.State.ADOPTED, timezone.now(), by
        bulk_update_with_history(list(made.values()), DecisionKind, ["state", "adopted_at", "adopted_by"], default_user=by)
    return len(made)


def _kinds(township: Unit) -> Iterator[DecisionKind]:
    for row in _rows("decision_kinds"):
        yield DecisionKind(
            township=township,
            valid_from=FROM,
            takes_money=bool(row["money"]),
            **{name: row[name] for name in ("code", "name", "place", "effect", "note")},
        )


def gate_of(row: dict[str, str]) -> dict[str, Any]:
    """The fields of a gate that a line of the list says."""
    texts = {name: row[name] for name in ("phase", "name", "what", "stage", "area", "body", "confirm", "basis")}
    papers = row["papers"].replace("|", "\n")
    found: dict[str, Any] = {"position": int(row["position"]), "papers": papers, "paper_count": len(papers.splitlines())}
    found |= {"min_days": int(row["min"]), "call_days": int(row["call"]), "notice_days": int(row["notice"])}
    for name in ("quorum", "house", "majority"):
        if match := _SHARE.fullmatch(row[name]):
            base, sign, num, den = match.groups()
            found |= {f"{name}_num": int(num), f"{name}_den": int(den), f"{name}_more": sign == ">"}
            found |= {f"{name}_base": base} if base else {}
    if found.get("quorum_base") == "houses":
        found |= {f"house_{part}": found.pop(f"quorum_{part}") for part in ("num", "den", "more")}
    law: dict[str, Any] = {"old": OLD_LAW, "new": NEW_LAW, "": {}}[row["law"]]
    return {**texts, **found, **law, "is_secret": bool(row["secret"])}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

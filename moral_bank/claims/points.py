"""The points that a claim gives, for statements: `Deed.points_for` in SQL (plan §三.1; mission M22)."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func

# A judged deed gives its score; a fixed one that part of its points which the claim's score is of the deed's. The product
# of two smallints may be none.
POINTS = (
    "CASE WHEN {score} <= 0 THEN 0 WHEN {deed_high} IS NOT NULL THEN {score} "
    "WHEN {deed_score} > 0 THEN CAST({deed_points} AS bigint) * {score} / {deed_score} ELSE 0 END"
)


class ClaimPoints(Func):
    """POINTS for a queryset of claims."""

    def __init__(self) -> None:
        super().__init__("score", "deed__score_high", "deed__score", "deed__points", output_field=BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        columns = (compiler.compile(column)[0] for column in self.source_expressions)
        return POINTS.format(**dict(zip(("score", "deed_high", "deed_score", "deed_points"), columns, strict=True))), []

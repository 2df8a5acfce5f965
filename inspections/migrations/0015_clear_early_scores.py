from typing import Any

from django.db import migrations
from django.db.models import F


def clear(apps: Any, schema_editor: Any) -> None:
    """What was computed of a card before every line was judged goes (such a card is never locked); running rounds are computed
    anew, so that each card says what it lacks and each figure has its list."""
    early = apps.get_model("inspections", "Scorecard").objects.filter(missing__gt=0)
    early.update(score=None, grade="", vetoed=False, rank=None, change=None, sections=[], trail=[])
    running = apps.get_model("inspections", "Round").objects.filter(state__in=["scoring", "replying"])
    running.update(job="queued", job_at=F("planned_at"))


class Migration(migrations.Migration):
    dependencies = [("inspections", "0014_measure_rows")]

    operations = [migrations.RunPython(clear, migrations.RunPython.noop)]

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("inspections", "0015_clear_early_scores")]

    operations = [
        migrations.AddConstraint(
            "scorecard",
            models.CheckConstraint(
                condition=Q(score__isnull=False, missing=0) | Q(score=None, grade="", vetoed=False, rank=None, change=None),
                name="scorecard_result_when_whole",
            ),
        ),
    ]

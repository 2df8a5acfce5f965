"""Whose a message is, so that what was given up is shown to them; and a file that could not be read may be read once more."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

OPEN = ("queued", "running")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_tighten_sealed")]

    operations = [
        migrations.AddField("outbox", "place", models.CharField(blank=True, default="", max_length=120)),
        migrations.AddField(
            "outbox",
            "user",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.RemoveConstraint("importjob", "import_job_file_until_read"),
        migrations.AddConstraint(
            "importjob",
            models.CheckConstraint(
                condition=(Q(state__in=OPEN, step="read", result="") & ~Q(file=b""))
                | (Q(state__in=OPEN, file=b"") & ~Q(step="read"))
                | (Q(state="ready", file=b"", sheet_id__isnull=False) & ~Q(result=""))
                | Q(state="failed", file=b"")
                | Q(state="failed", step="read"),
                name="import_job_file_until_read",
            ),
        ),
    ]

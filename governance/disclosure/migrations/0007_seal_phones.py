"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations, models
from django.db.models.functions import Coalesce, Left

from governance.sealed import Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0006_notice_withdrawn_by")]

    operations = [
        migrations.RemoveConstraint("objection", "objection_once"),
        Seal("objection", "phone", SealedField("联系电话", max_length=20)),
        migrations.AddConstraint(
            "objection",
            models.UniqueConstraint(
                models.F("notice"),
                Coalesce("row_number", 0),
                models.F("name"),
                Left("phone", 22),
                models.F("text"),
                name="objection_once",
                violation_error_message="这条异议已经收到。",
            ),
        ),
    ]

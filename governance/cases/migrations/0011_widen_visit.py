import django.db.models.deletion
from django.db import migrations, models

OF = {"verbose_name": "乡镇", "related_name": "+", "editable": False, "null": True, "db_index": False}


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_case_assigned"), ("villages", "0009_household_of_village")]

    operations = [
        migrations.AddField("visit", "township", models.ForeignKey("villages.unit", django.db.models.deletion.PROTECT, **OF)),
        migrations.AddField(
            "historicalvisit",
            "township",
            models.ForeignKey(
                blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+", to="villages.unit", verbose_name="乡镇",
            ),
        ),
    ]  # fmt: skip

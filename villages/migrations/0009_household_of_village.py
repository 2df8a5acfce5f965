import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("villages", "0008_duties_of_care")]

    operations = [
        migrations.AddIndex("household", models.Index(fields=["village", "id"], name="household_of_village")),
        migrations.AlterField(
            "household",
            "village",
            models.ForeignKey(
                "villages.unit", django.db.models.deletion.PROTECT, verbose_name="村（社区）", related_name="households", db_index=False
            ),
        ),
    ]

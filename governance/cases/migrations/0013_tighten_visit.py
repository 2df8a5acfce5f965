import django.db.models.deletion
from django.db import migrations, models

OF = {"verbose_name": "乡镇", "related_name": "+", "editable": False, "db_index": False}


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_fill_visit")]

    operations = [
        migrations.AlterField("visit", "township", models.ForeignKey("villages.unit", django.db.models.deletion.PROTECT, **OF)),
        migrations.AddIndex("visit", models.Index(fields=["township", "-went_at", "-id"], name="visit_by_township")),
    ]

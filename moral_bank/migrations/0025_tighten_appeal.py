import django.db.models.deletion
from django.db import migrations, models

OF = {"verbose_name": "乡镇", "related_name": "+", "editable": False, "db_index": False}


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0024_fill_appeal")]

    operations = [
        migrations.AlterField("appeal", "township", models.ForeignKey("villages.unit", django.db.models.deletion.PROTECT, **OF)),
        migrations.AddIndex("appeal", models.Index(fields=["township", "-id"], name="appeal_by_township")),
    ]

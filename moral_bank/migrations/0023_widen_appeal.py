import django.db.models.deletion
from django.db import migrations, models

OF = {"verbose_name": "乡镇", "related_name": "+", "editable": False, "null": True, "db_index": False}


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0022_claim_unjudged"), ("villages", "0009_household_of_village")]

    operations = [
        migrations.AddField("appeal", "township", models.ForeignKey("villages.unit", django.db.models.deletion.PROTECT, **OF))
    ]

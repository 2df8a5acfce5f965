import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0007_fill_number_series"), ("villages", "0006_number_series")]

    operations = [
        migrations.AddField(
            "householdcheck",
            "township",
            models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="villages.unit",
                verbose_name="乡镇",
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0011_fill_number_series"), ("villages", "0006_number_series")]

    operations = [
        migrations.AddField(
            "claim",
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
        migrations.AddField(
            "historicalclaim",
            "township",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="villages.unit",
                verbose_name="乡镇",
            ),
        ),
    ]

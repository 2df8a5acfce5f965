import django.db.models.deletion
from django.db import migrations, models

TOWNSHIP = models.ForeignKey(
    "villages.unit", django.db.models.deletion.PROTECT, verbose_name="乡镇", related_name="+", editable=False, null=True, db_index=False
)


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0017_drop_client_key"), ("villages", "0006_number_series")]

    operations = [
        migrations.AddField(model, "township", TOWNSHIP.clone()) for model in ("move", "passbook", "redemption", "reminder")
    ]

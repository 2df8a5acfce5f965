import django.db.models.deletion
from django.db import migrations, models

TOWNSHIP = models.ForeignKey(
    "villages.unit", django.db.models.deletion.PROTECT, verbose_name="乡镇", related_name="+", editable=False, db_index=False
)
ORDERS = {"move": ["-id"], "passbook": ["-id"], "redemption": ["-id"], "reminder": ["-told_on", "-id"]}


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0019_fill_townships")]

    operations = [
        *(migrations.AlterField(model, "township", TOWNSHIP.clone()) for model in ORDERS),
        *(
            migrations.AddIndex(model, models.Index(fields=["township", *order], name=f"{model}_by_township"))
            for model, order in ORDERS.items()
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0013_fill_scope")]

    operations = [
        migrations.AlterField(
            "claim",
            "township",
            models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="villages.unit",
                verbose_name="乡镇",
            ),
        ),
        migrations.AddIndex("claim", models.Index(fields=["township", "-id"], name="claim_by_township")),
        migrations.AddIndex("entry", models.Index(fields=["township", "-id"], name="entry_by_township")),
    ]

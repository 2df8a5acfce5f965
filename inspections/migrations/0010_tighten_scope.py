import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0009_fill_scope")]

    operations = [
        migrations.AlterField(
            "householdcheck",
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
        migrations.AddIndex("householdcheck", models.Index(fields=["-month", "id"], name="check_latest")),
        migrations.AddIndex("householdcheck", models.Index(fields=["township", "-month", "id"], name="check_by_township")),
    ]

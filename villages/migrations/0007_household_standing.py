from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("villages", "0006_number_series")]

    operations = [
        migrations.AddIndex(
            "household", models.Index(fields=["village", "unit"], name="household_standing", condition=models.Q(ended_on=None))
        )
    ]

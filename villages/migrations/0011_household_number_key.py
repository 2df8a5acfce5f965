from django.db import migrations, models

from villages.households.numbers import NumberKey


class Migration(migrations.Migration):
    dependencies = [("villages", "0010_household_head_characters")]

    operations = [
        migrations.AddField(
            "household",
            "number_key",
            models.GeneratedField(db_persist=True, expression=NumberKey("number"), output_field=models.TextField()),
        ),
        migrations.AddIndex("household", models.Index(fields=["number_key"], name="household_by_number")),
    ]

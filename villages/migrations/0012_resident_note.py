from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("villages", "0011_household_number_key")]

    operations = [
        migrations.AddField("historicalresident", "note", models.CharField("备注", max_length=500, blank=True)),
        migrations.AddField("resident", "note", models.CharField("备注", max_length=500, blank=True)),
    ]

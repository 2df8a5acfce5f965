from django.db import migrations, models

TAIL = {"blank": True, "db_default": "", "default": "", "editable": False, "max_length": 64, "db_index": True}


class Migration(migrations.Migration):
    dependencies = [("villages", "0015_duty_id_keeper")]

    operations = [
        migrations.AddField("resident", "id_tail_hash", models.CharField(**TAIL)),
        migrations.AddField("historicalresident", "id_tail_hash", models.CharField(**TAIL)),
    ]

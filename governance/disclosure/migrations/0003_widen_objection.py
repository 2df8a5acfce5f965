from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0002_whole"), ("villages", "0006_number_series")]

    operations = [
        migrations.AddField("objection", "number", models.CharField("受理编号", max_length=20, default="")),
        migrations.AddField("objection", "answer_by", models.DateField("最迟答复", null=True)),
    ]

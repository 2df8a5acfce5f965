"""Name and masked number of a certificate, as issued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0001_initial")]

    operations = [
        migrations.AddField("certificate", "name", models.CharField(max_length=60, verbose_name="姓名", default=""), preserve_default=False),
        migrations.AddField(
            "certificate",
            "masked_number",
            models.CharField(blank=True, max_length=20, verbose_name="身份证号（脱敏）", default=""),
            preserve_default=False,
        ),
    ]

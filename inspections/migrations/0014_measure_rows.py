from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0013_check_import")]

    operations = [
        migrations.AddField("measure", "good_keys", models.JSONField(editable=False, null=True, verbose_name="达标记录的编号")),
        migrations.AddField("measure", "missed_keys", models.JSONField(editable=False, null=True, verbose_name="未达标记录的编号")),
    ]

"""The column in clear goes."""

from django.db import migrations

from governance.sealed import CipherField


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_fill_conflict")]

    operations = [
        migrations.RemoveField("conflict", "payload"),
        migrations.RenameField("conflict", "sealed", "payload"),
        migrations.AlterField("conflict", "payload", CipherField("内容", editable=False)),
    ]

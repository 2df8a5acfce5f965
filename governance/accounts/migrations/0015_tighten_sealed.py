"""The columns in clear go."""

from django.db import migrations

from governance.sealed import CipherField


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_fill_sealed")]

    operations = [
        migrations.RemoveField("exportjob", "address"),
        migrations.RenameField("exportjob", "sealed", "address"),
        migrations.AlterField("exportjob", "address", CipherField("页面", editable=False)),
        migrations.RemoveField("savedfilter", "query"),
        migrations.RenameField("savedfilter", "sealed", "query"),
        migrations.AlterField("savedfilter", "query", CipherField("条件", editable=False)),
    ]

"""What was sent twice gets a sealed column."""

from django.db import migrations

from governance.sealed import CipherField


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_seal_phones")]

    operations = [
        migrations.AddField("conflict", "sealed", CipherField("内容", editable=False, null=True)),
    ]

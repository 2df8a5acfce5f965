"""Telephone numbers of requests are sealed; filters that are kept and addresses of exports get a sealed column."""

from django.db import migrations

from governance.sealed import CipherField, Seal, SealedField


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_seal_phones")]

    operations = [
        Seal("guardrequest", "phone", SealedField("联系电话", max_length=20, blank=True)),
        migrations.AddField("exportjob", "sealed", CipherField("页面", editable=False, null=True)),
        migrations.AddField("savedfilter", "sealed", CipherField("条件", editable=False, null=True)),
    ]

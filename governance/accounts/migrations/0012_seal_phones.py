"""Telephone numbers are sealed (governance/sealed.py)."""

from django.db import migrations

from governance.sealed import Seal, SealedField, number_hash


def rename(apps, editor):
    """Keys of SMS to people without an account named the number."""
    Outbox = apps.get_model("accounts", "Outbox")
    for row in Outbox.objects.filter(channel="sms").only("key", "to").iterator():
        if row.key.startswith(f"sms:{row.to}:"):
            row.key = row.key.replace(row.to, number_hash(row.to), 1)
            row.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_guard_request")]

    operations = [
        Seal("user", "phone", SealedField("联系电话", max_length=20, blank=True)),
        migrations.RunPython(rename, migrations.RunPython.noop),
        Seal("outbox", "to", SealedField("发给", max_length=60)),
    ]

"""Keys of messages to accounts name the account."""

from django.db import migrations


def fill(apps, editor):
    known = set(apps.get_model("accounts", "User").objects.values_list("pk", flat=True))
    Outbox = apps.get_model("accounts", "Outbox")
    for pk, key in list(Outbox.objects.filter(user=None, state="failed").values_list("pk", "key")):
        whose = key.split(":")[1]
        if whose.isdecimal() and int(whose) in known:
            Outbox.objects.filter(pk=pk).update(user=int(whose))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_outbox_whose")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""Whoever agreed in writing to be named with a post has agreed; one row each, by the earliest day."""

from django.db import migrations


def fill(apps, editor):
    Post, Consent = apps.get_model("villages", "Post"), apps.get_model("villages", "Consent")
    agreed = Post.objects.exclude(consented_on=None).exclude(resident=None).order_by("-consented_on")
    days = dict(agreed.values_list("resident", "consented_on"))
    known = set(Consent.objects.filter(purpose="name", withdrawn_on=None).values_list("resident", flat=True))
    rows = [Consent(resident_id=pk, purpose="name", given_on=day, how="signed") for pk, day in days.items() if pk not in known]
    Consent.objects.bulk_create(rows, batch_size=500)
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("villages", "0022_consent")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

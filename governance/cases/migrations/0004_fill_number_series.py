"""Cases take their numbers from the house's one series; what was given out stays given out."""

from django.db import migrations

LETTERS = {"event": "SJ", "dispute": "JF", "errand": "DB"}


def fill(apps, editor):
    series = apps.get_model("villages", "NumberSeries")
    for own in apps.get_model("cases", "NumberSeries").objects.all():
        prefix = f"{LETTERS[own.kind]}{own.year}-"
        series.objects.update_or_create(unit_id=own.township_id, prefix=prefix, defaults={"last": own.last})


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_photo_kept'),
        ('villages', '0006_number_series'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""Certificates take their numbers from the house's one series, which goes on after the highest number that stands."""

from django.db import migrations


def fill(apps, editor):
    series = apps.get_model("villages", "NumberSeries")
    last = {}
    honours = apps.get_model("moral_bank", "Honour").objects
    for county, number in honours.values_list("village__parent__parent", "number"):
        prefix = number.rstrip("0123456789")  # 西兴镇2026优0001
        last[county, prefix] = max(last.get((county, prefix), 0), int(number.removeprefix(prefix)))
    for (county, prefix), count in last.items():
        series.objects.update_or_create(unit_id=county, prefix=prefix, defaults={"last": count})


class Migration(migrations.Migration):

    dependencies = [
        ('moral_bank', '0010_appeal_rules'),
        ('villages', '0006_number_series'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

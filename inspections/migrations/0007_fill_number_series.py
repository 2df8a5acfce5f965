"""Orders take their numbers from the house's one series, which goes on after the highest number that stands."""

from django.db import migrations


def fill(apps, editor):
    series = apps.get_model("villages", "NumberSeries")
    last = {}
    for township, number in apps.get_model("inspections", "Order").objects.values_list("township", "number"):
        prefix, count = number[:7], int(number[7:])  # ZG2026-00012
        last[township, prefix] = max(last.get((township, prefix), 0), count)
    for (township, prefix), count in last.items():
        series.objects.update_or_create(unit_id=township, prefix=prefix, defaults={"last": count})


class Migration(migrations.Migration):

    dependencies = [
        ('inspections', '0006_review_rules'),
        ('villages', '0006_number_series'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

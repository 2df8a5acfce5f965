"""What was received so far gets its number and its day; the same words said twice are told apart by how often they came."""

from collections import Counter
from datetime import timedelta, timezone

from django.db import migrations

from governance.workdays import shipped

SHANGHAI = timezone(timedelta(hours=8))
WORKDAYS = 3


def fill(apps, editor):
    Objection, Series = apps.get_model("disclosure", "Objection"), apps.get_model("villages", "NumberSeries")
    numbers, said = Counter(), Counter()
    for row in Objection.objects.select_related("notice__unit").order_by("id"):
        unit, day = row.notice.unit, row.received_at.astimezone(SHANGHAI).date()
        series = (unit.parent_id if unit.level == "village" else unit.pk, f"YY{day.year}-")
        words = (row.notice_id, row.row_number, row.name, row.phone, row.text)
        numbers[series] += 1
        said[words] += 1
        if said[words] > 1:
            row.text += f"（第 {said[words]} 次提交）"
        row.number = f"{series[1]}{numbers[series]:05d}"
        for _ in range(WORKDAYS):
            day = shipped().next_workday(day)
        row.answer_by = day
        row.save(update_fields=["number", "answer_by", "text"])
    for (unit, prefix), last in numbers.items():
        Series.objects.update_or_create(unit_id=unit, prefix=prefix, defaults={"last": last})
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0003_widen_objection")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

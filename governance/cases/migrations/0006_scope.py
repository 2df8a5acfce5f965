from django.db import migrations, models

OPEN = ["found", "accepted", "handling", "coordinating"]


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_drop_own_numbers")]

    operations = [
        migrations.AddIndex("case", models.Index(fields=["township", "-id"], name="case_by_township")),
        migrations.AddIndex(
            "case",
            models.Index(fields=["case_due_at", "id"], name="case_open_first_due", condition=models.Q(state__in=OPEN)),
        ),
        migrations.AddIndex("returnvisit", models.Index(fields=["due_on", "id"], name="return_visit_by_day")),
        migrations.AddIndex("shift", models.Index(fields=["-day", "id"], name="shift_latest")),
        migrations.AddIndex("visit", models.Index(fields=["-went_at", "-id"], name="visit_latest")),
    ]

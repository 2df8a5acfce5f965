from django.db import migrations, models

OPEN = models.Q(state__in=["found", "accepted", "handling", "coordinating"])
FINISH = models.Q(step="finish")


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_on_call")]

    operations = [
        migrations.AddIndex(
            "case", models.Index(fields=["assignee"], name="case_assigned", condition=models.Q(assignee__isnull=False))
        ),
        migrations.AddIndex(
            "case", models.Index(fields=["township", "case_due_at", "id"], name="case_open_of_township", condition=OPEN)
        ),
        migrations.AddIndex("casestep", models.Index(fields=["case", "at"], name="case_step_finish", condition=FINISH)),
    ]

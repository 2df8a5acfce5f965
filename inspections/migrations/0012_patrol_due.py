from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0011_patrol_latest")]

    operations = [
        migrations.AddIndex(
            "frontpatrol", models.Index(fields=["due_on"], name="patrol_due", condition=models.Q(due_on__isnull=False))
        ),
        migrations.AddIndex("frontpatrol", models.Index(fields=["front"], name="patrol_again", condition=models.Q(state="again"))),
    ]

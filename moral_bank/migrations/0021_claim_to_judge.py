from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0020_tighten_townships")]

    operations = [
        migrations.AddIndex("claim", models.Index(fields=["account"], name="claim_to_judge", condition=models.Q(state="verified")))
    ]

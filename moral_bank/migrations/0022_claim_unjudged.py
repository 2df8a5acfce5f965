from django.db import migrations, models

WAITING = models.Q(state__in=["declared", "verified"])


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0021_claim_to_judge")]

    operations = [migrations.AddIndex("claim", models.Index(fields=["occurred_on"], name="claim_unjudged", condition=WAITING))]

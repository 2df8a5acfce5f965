"""What waits to be handed over is counted from an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0026_claims_of_service")]

    operations = [
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(fields=["township", "expires_at", "held_by"], name="redemption_to_hand", condition=models.Q(state="held")),
        )
    ]

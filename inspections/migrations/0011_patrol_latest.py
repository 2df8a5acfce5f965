from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0010_tighten_scope")]

    operations = [migrations.AddIndex("frontpatrol", models.Index(fields=["-at", "-id"], name="patrol_latest"))]

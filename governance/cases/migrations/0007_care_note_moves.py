from django.db import migrations


class Migration(migrations.Migration):
    """Care notes go to the room of volunteers: the table under its name there, the model in that room's first migration."""

    dependencies = [("cases", "0006_scope")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("CareNote", "volunteers_carenote")],
            state_operations=[migrations.DeleteModel("CareNote")],
        ),
    ]

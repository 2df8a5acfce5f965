from django.db import migrations

CREATE = """
CREATE INDEX household_head_characters ON villages_household USING gin (string_to_array(head_name::text, NULL))"""


def on_postgresql(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def off_postgresql(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX household_head_characters")


class Migration(migrations.Migration):
    dependencies = [("villages", "0009_household_of_village")]

    operations = [migrations.RunPython(on_postgresql, off_postgresql)]

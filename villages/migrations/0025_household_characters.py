from django.db import migrations

CREATE = """
CREATE INDEX household_characters ON villages_household USING gin (string_to_array((head_name || head_pinyin || number), NULL))"""


def on_postgresql(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def off_postgresql(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX household_characters")


class Migration(migrations.Migration):
    dependencies = [("villages", "0024_economy")]

    operations = [migrations.RunPython(on_postgresql, off_postgresql)]

"""Names as they are read."""

from django.db import migrations

from governance.frame.pinyin import pinyin_key


def key_names(apps, schema_editor):
    rows = apps.get_model("volunteers", "Volunteer").objects
    for written, known in list(rows.order_by().values_list("name", "name_pinyin").distinct()):
        if known != pinyin_key(written):
            rows.filter(name=written, name_pinyin=known).update(name_pinyin=pinyin_key(written))


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0001_initial")]

    operations = [migrations.RunPython(key_names, migrations.RunPython.noop)]

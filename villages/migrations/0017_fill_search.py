"""What search reads of standing rows: the last four characters of ID numbers, names as they are read."""

from django.db import migrations

from governance.crypto import decrypt, tail_hash
from governance.frame.pinyin import pinyin_key

BATCH = 1000


def fill_tails(apps, schema_editor):
    """The keyed hash of the last four characters, for the numbers that stand."""
    rows = apps.get_model("villages", "Resident").objects.exclude(id_hash="").filter(id_tail_hash="").only("pk", "id_cipher")
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for resident in batch:
            resident.id_tail_hash = tail_hash(decrypt(bytes(resident.id_cipher)))
        rows.model.objects.bulk_update(batch, ["id_tail_hash"])
        last = batch[-1].pk


def key_names(apps, schema_editor):
    """Names that are now read otherwise: few of many, so each is written once."""
    for model, name, key in (("Household", "head_name", "head_pinyin"), ("Resident", "name", "name_pinyin")):
        rows = apps.get_model("villages", model).objects
        for written, known in list(rows.order_by().values_list(name, key).distinct().iterator(chunk_size=BATCH)):
            if known != pinyin_key(written):
                rows.filter(**{name: written, key: known}).update(**{key: pinyin_key(written)})


class Migration(migrations.Migration):
    dependencies = [("villages", "0016_id_tail")]

    operations = [
        migrations.RunPython(fill_tails, migrations.RunPython.noop),
        migrations.RunPython(key_names, migrations.RunPython.noop),
    ]

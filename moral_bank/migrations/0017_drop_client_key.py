"""A form is taken once by its one-use key (docs/decisions/0019-once.md): what it makes carries none of its own."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('moral_bank', '0016_fill_row_key'),
    ]

    operations = [
        *(migrations.RemoveField(name, 'client_key') for name in ('claim', 'historicalclaim', 'redemption', 'sitting', 'stocktake')),
        migrations.RemoveField('lot', 'source_key'),
    ]

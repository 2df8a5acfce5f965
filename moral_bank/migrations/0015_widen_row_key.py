"""The key of a sent form becomes what it still is: the row of a past ledger or of a paper list, of nothing else."""

from django.db import migrations, models

OF_LEDGER = models.UUIDField('台账行号', unique=True, null=True, blank=True)
OF_LIST = models.UUIDField('登记表行号', unique=True, null=True, blank=True)
IN_HISTORY = models.UUIDField('台账行号', db_index=True, null=True, blank=True)
SOURCE = models.CharField('来源', max_length=80, unique=True, null=True, blank=True)


class Migration(migrations.Migration):

    dependencies = [
        ('moral_bank', '0014_tighten_scope'),
    ]

    operations = [
        migrations.AddField('claim', 'row_key', OF_LEDGER),
        migrations.AddField('historicalclaim', 'row_key', IN_HISTORY),
        migrations.AddField('redemption', 'row_key', OF_LIST),
        migrations.AlterField('move', 'source_key', SOURCE),
        migrations.AlterField('fundmove', 'source_key', SOURCE),
    ]

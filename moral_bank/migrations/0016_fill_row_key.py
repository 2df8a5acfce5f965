"""Rows of ledgers have a key made of their words (UUID version 5), those of paper lists the list's number; forms had a random one."""

from django.db import migrations
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Replace, Substr


def fill(apps, editor):
    text = Replace(Cast('client_key', CharField()), Value('-'), Value(''))
    for name in ('Claim', 'HistoricalClaim'):
        claims = apps.get_model('moral_bank', name).objects.alias(version=Substr(text, 13, 1))
        claims.filter(version='5').update(row_key=F('client_key'))
    # PostgreSQL's triggers, which let a redemption change its state only, are off for the one statement
    guarded = editor.connection.vendor == 'postgresql'
    if guarded:
        editor.execute('SET CONSTRAINTS ALL IMMEDIATE')
        editor.execute('ALTER TABLE moral_bank_redemption DISABLE TRIGGER USER')
    apps.get_model('moral_bank', 'Redemption').objects.exclude(paper='').update(row_key=F('client_key'))
    if guarded:
        editor.execute('ALTER TABLE moral_bank_redemption ENABLE TRIGGER USER')


class Migration(migrations.Migration):

    dependencies = [
        ('moral_bank', '0015_widen_row_key'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

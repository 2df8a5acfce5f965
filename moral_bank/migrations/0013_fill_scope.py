from django.db import migrations

TOWNSHIP = "UPDATE {table} SET township_id = (SELECT a.township_id FROM moral_bank_account a WHERE a.id = {table}.account_id)"


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0012_widen_scope")]

    operations = [
        migrations.RunSQL(TOWNSHIP.format(table=table), migrations.RunSQL.noop)
        for table in ("moral_bank_claim", "moral_bank_historicalclaim")
    ]

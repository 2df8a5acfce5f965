"""The chain is insert-only."""

from django.db import migrations

from governance.engines import insert_only


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0008_award_rules")]
    operations = [
        insert_only("moral_bank_chainlink", "台账校验链只增不改"),
        insert_only("moral_bank_chainhead", "每日校验码只增不改"),
    ]

from django.db import migrations

from governance.engines import insert_only


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [insert_only("accounts_accesslog", "访问日志只增不改")]

"""What may name a person or a number is sealed; what tells two forms apart needs the key."""

from django.db import migrations

from governance.sealed import key_digests, seal_whole


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_widen_sealed")]

    operations = [
        seal_whole("accounts", "exportjob", "address", "sealed"),
        seal_whole("accounts", "savedfilter", "query", "sealed"),
        key_digests("accounts", "exportjob"),
        key_digests("accounts", "usedkey"),
    ]

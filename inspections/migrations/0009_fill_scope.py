from django.db import migrations

TOWNSHIP = """
UPDATE inspections_householdcheck
   SET township_id = (SELECT v.parent_id FROM villages_household h JOIN villages_unit v ON v.id = h.village_id
                       WHERE h.id = inspections_householdcheck.household_id)"""


class Migration(migrations.Migration):
    dependencies = [("inspections", "0008_widen_scope")]

    operations = [migrations.RunSQL(TOWNSHIP, migrations.RunSQL.noop)]

import django.db.models.functions.comparison
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0004_fill_objection")]

    operations = [
        migrations.AlterField("objection", "number", models.CharField("受理编号", max_length=20)),
        migrations.AlterField("objection", "answer_by", models.DateField("最迟答复")),
        migrations.AddIndex("objection", models.Index(fields=["number"], name="objection_by_number")),
        migrations.AddConstraint(
            "objection",
            models.UniqueConstraint(
                models.F("notice"),
                django.db.models.functions.comparison.Coalesce("row_number", 0),
                models.F("name"),
                models.F("phone"),
                models.F("text"),
                name="objection_once",
                violation_error_message="这条异议已经收到。",
            ),
        ),
        migrations.AddConstraint("objection", models.CheckConstraint(condition=~Q(number=""), name="objection_has_number")),
    ]

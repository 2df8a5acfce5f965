"""When and how an outsider agreed to serve."""

from django.db import migrations, models
from django.db.models import Q

HOW = [("signed", "书面签字"), ("print", "书面按手印"), ("spoken", "当面口头，有旁证")]


def columns(model):
    return [
        migrations.AddField(model, "agreed_on", models.DateField(blank=True, null=True, verbose_name="本人同意日期")),
        migrations.AddField(
            model, "agreed_how", models.CharField(blank=True, choices=HOW, default="", max_length=10, verbose_name="本人同意方式")
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0004_seal_phones")]

    operations = [
        *columns("volunteer"),
        *columns("historicalvolunteer"),
        migrations.AddConstraint(
            "volunteer",
            models.CheckConstraint(
                condition=Q(agreed_on=None, agreed_how="") | (Q(agreed_on__isnull=False, resident=None) & ~Q(agreed_how="")),
                name="volunteer_agreed",
                violation_error_message="不在名册里的，本人同意的日期和方式都要写。",
            ),
        ),
    ]

"""The rules in force on the board for residents: published with their adoption, to be read and printed (plan §三.1; M22)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.frame.public import public_page
from governance.periods import today
from governance.reading import text_asked
from moral_bank.rules.models import RuleSet
from moral_bank.rules.rows import by_head, caps_words, in_order
from villages.models import Unit


@public_page
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """The version that counts today, and the one that is adopted to follow it; `code` is the township's or a village's."""
    unit = get_object_or_404(Unit.objects.filter(level__in=[Unit.Level.TOWNSHIP, Unit.Level.VILLAGE]), code=code)
    township = unit if unit.level == Unit.Level.TOWNSHIP else unit.parent
    adopted = RuleSet.objects.filter(township=township, state=RuleSet.State.ADOPTED)
    coming = adopted.filter(valid_from__gt=today()).order_by("valid_from").first()
    running = RuleSet.objects.in_force(township.pk, today()) if township else None
    shown = coming if text_asked(request, "version") == "next" and coming else running or coming
    context = {
        "unit": unit,
        "township": township,
        "rule_set": shown,
        "coming": coming if coming != shown else None,
        "running": running if running != shown else None,
        "starts_later": shown is not None and shown == coming,
        "heads": shown.heads.all() if shown else [],
        "caps": caps_words(shown) if shown else "",
        "groups": by_head(in_order(shown.deeds.all())) if shown else [],
        "vetoes": shown.deeds.filter(is_veto=True).order_by("code") if shown else [],
    }
    return render(request, "moral_bank/rules/public.html", context)

"""台账核对: what the nightly reconciliation found, the day's head of the chain, and a run at once (mission M23)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.lists import list_export, list_page
from governance.periods import today
from governance.reading import text_sent
from governance.sheets.money import yuan
from moral_bank.models import ChainHead, Reconciliation
from moral_bank.proof.chain_text import Head, head_text
from moral_bank.proof.exports import PROOFS as LEDGER
from moral_bank.proof.lists import PROOFS, result_tag
from moral_bank.proof.reconciling import reconcile
from villages.models import Unit

PAGES = {
    "household": "villages:household-detail",
    "shop": "moral_bank:market-moves",
    "redemption": "moral_bank:redemption-detail",
    "claim": "moral_bank:claim-detail",
}


@duty_required(Action.PROOF_VIEW)
def proof_list(request: UserRequest) -> HttpResponse:
    rows = Reconciliation.objects.visible_to(request.user).select_related("township")
    return list_page(request, PROOFS, rows, "moral_bank/proof/list.html", townships=_townships(request.user))


@duty_required(Action.PROOF_VIEW)
def proof_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list at places where the user may see and export."""
    allowed = Reconciliation.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Reconciliation.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, PROOFS, rows, LEDGER, "moral_bank:proof-list")


@require_POST
@duty_required(Action.PROOF_VIEW)
def proof_run(request: UserRequest) -> HttpResponse:
    """核对一次: a run more of today, of the township named or of the only one."""
    key = text_sent(request, "township")
    townships = [unit for unit in _townships(request.user) if not key or str(unit.pk) == key]
    if len(townships) != 1:
        messages.error(request, "请选要核对的乡镇。")
        return redirect("moral_bank:proof-list")
    report = reconcile(townships[0])
    if report.findings:
        messages.warning(request, f"核对完毕，发现 {len(report.findings)} 处不符。")
    else:
        messages.success(request, "核对完毕，全部相符。")
    return redirect("moral_bank:proof-detail", pk=report.pk)


@duty_required(Action.PROOF_VIEW)
def proof_detail(request: UserRequest, pk: int) -> HttpResponse:
    reports = Reconciliation.objects.visible_to(request.user).select_related("township")
    report = get_object_or_404(reports, pk=pk)
    head = ChainHead.objects.filter(township=report.township_id, day=report.day).first()
    context = {
        "report": report,
        "result": result_tag(report),
        "is_today": report.day == today(),
        "head": head_text(Head(head.day, head.count, head.digest)) if head else "",
        "lines": [(found["kind"], found["words"], _address(found.get("link", ""))) for found in report.findings],
        "villages": [
            {**row, "yuan": "" if row["cents"] is None else yuan(row["cents"])}
            for row in report.figures.get("villages", [])
        ],
    }
    return render(request, "moral_bank/proof/detail.html", context)


def _townships(user: User) -> list[Unit]:
    """The townships whose ledger the user may prove."""
    units = Unit.objects.visible_to(user, Action.PROOF_VIEW).filter(level=Unit.Level.TOWNSHIP)
    return list(units.order_by("path"))


def _address(link: str) -> str:
    """The page of what a difference is about; "" where there is none."""
    name, _, pk = link.partition(":")
    return reverse(PAGES[name], args=[int(pk)]) if name in PAGES else ""

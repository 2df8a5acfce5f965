"""台账核对: what the nightly reconciliation found, the day's head of the chain, and a run at once (mission M23)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.forms import PageForm
from governance.frame.paging import page_of
from governance.periods import today
from moral_bank.models import ChainHead, Reconciliation
from moral_bank.money import yuan
from moral_bank.proof.chain_text import Head, head_text
from moral_bank.proof.exports import PROOFS
from moral_bank.proof.reconciling import reconcile
from villages.models import Unit

STATES = [("", "全部"), ("wrong", "有不符"), ("clean", "相符")]
PAGES = {
    "household": "villages:household-detail",
    "shop": "moral_bank:market-moves",
    "redemption": "moral_bank:redemption-detail",
    "claim": "moral_bank:claim-detail",
}


class ProofFilter(PageForm):
    state = forms.ChoiceField(label="结果", choices=STATES, required=False)

    def rows(self, user: User) -> QuerySet[Reconciliation]:
        """The reports that `user` sees and the filter asks for, the latest first."""
        rows = Reconciliation.objects.visible_to(user).select_related("township")
        state = self.cleaned_data.get("state") if self.is_valid() else ""
        if state == "wrong":
            rows = rows.exclude(findings=[])
        elif state == "clean":
            rows = rows.filter(findings=[])
        return rows.order_by("-day", "township__path")


@duty_required(Action.PROOF_VIEW)
def proof_list(request: UserRequest) -> HttpResponse:
    form, townships = ProofFilter(request.GET), _townships(request.user)
    page = page_of(request, form.rows(request.user))
    context = {
        "form": form,
        "page": page,
        "asked": bool(request.GET.get("state")),
        "townships": townships,
        "several": len(townships) > 1,
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/proof/list.html", context)


@duty_required(Action.PROOF_VIEW)
def proof_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list at places where the user may see and export."""
    allowed = Reconciliation.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = ProofFilter(request.GET).rows(request.user).filter(pk__in=allowed)
    try:
        return ledger_response(PROOFS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:proof-list")


@require_POST
@duty_required(Action.PROOF_VIEW)
def proof_run(request: UserRequest) -> HttpResponse:
    """核对一次: today's report anew, of the township named or of the only one."""
    asked = request.POST.get("township", "")
    townships = [unit for unit in _townships(request.user) if not asked or str(unit.pk) == asked]
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

"""账号安全要求: what the security administrator asks of accounts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.rules.forms import RulesForm
from governance.accounts.rules.models import AccountRules
from governance.accounts.rules.services import rules_set


@duty_required(Action.ACCOUNT_RULES)
def rules(request: UserRequest) -> HttpResponse:
    form = RulesForm(request.POST if request.method == "POST" else None, rules=AccountRules.now())
    if form.is_valid():
        rules_set(**form.cleaned_data, by=request.user)
        messages.success(request, "已保存，从每个人下一次登录起执行。")
        return redirect("accounts:rules")
    return render(request, "accounts/rules/rules.html", {"form": form}, status=422 if form.errors else 200)

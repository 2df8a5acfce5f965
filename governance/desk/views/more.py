"""The way to every page that the bar has no room for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.accounts.duties import Action
from governance.desk.requests import DeskRequest

GROUPS: list[tuple[str, list[tuple[str, str, Action]]]] = [
    (
        "日常工作",
        [
            ("走访巡查", "desk:visit-list", Action.VISIT_VIEW),
            ("值班表", "desk:shift-list", Action.SHIFT_VIEW),
            ("户月评", "desk:check-list", Action.CHECK_VIEW),
            ("门前三包", "desk:front-list", Action.FRONT_VIEW),
            ("代办事项和需带材料", "desk:service-list", Action.CASE_VIEW),
            ("内容不一致的提交", "desk:conflict-list", Action.CASE_LOG),
        ],
    ),
    (
        "台账和统计",
        [
            ("台账导出和打印", "desk:ledger-list", Action.EXPORT),
            ("村情统计", "desk:village-report", Action.CLOSING_VIEW),
            ("实测指标", "desk:fact-list", Action.ROUND_VIEW),
            ("职务空缺", "desk:vacancy-list", Action.CLOSING_VIEW),
            ("积分台账核对", "desk:proof-list", Action.PROOF_VIEW),
        ],
    ),
    (
        "督查和整改",
        [
            ("季度督查", "desk:round-list", Action.PLAN_VIEW),
            ("督查评分表", "desk:card-list", Action.ROUND_VIEW),
            ("整改和督办", "desk:order-list", Action.ORDER_VIEW),
            ("发现的问题", "desk:finding-list", Action.ORDER_VIEW),
            ("季度目标考核", "desk:quarter-list", Action.REVIEW_VIEW),
            ("述职评议", "desk:review-list", Action.REVIEW_VIEW),
            ("约谈与问责", "desk:blame-list", Action.BLAME),
        ],
    ),
    (
        "道德银行：记分和评议",
        [
            ("申报和核实", "desk:claim-list", Action.CLAIM_VIEW),
            ("多户一起记", "desk:claim-batch", Action.CLAIM_DECLARE),
            ("导入积分台账", "desk:claim-import", Action.CLAIM_DECLARE),
            ("评议小组和评议会", "desk:panel-list", Action.CLOSING_VIEW),
            ("申诉", "desk:appeal-list", Action.CLAIM_VIEW),
            ("积分细则", "desk:rule-list", Action.RULE_VIEW),
        ],
    ),
    (
        "道德银行：评分和荣誉",
        [
            ("评分和星级", "desk:rating-list", Action.RATING_VIEW),
            ("月结、季结、年结", "desk:closing-list", Action.CLOSING_VIEW),
            ("最美家庭", "desk:award-list", Action.AWARD_VIEW),
            ("红榜、证书和牌", "desk:honour-list", Action.AWARD_VIEW),
            ("整改提醒", "desk:reminder-list", Action.REMINDER_VIEW),
        ],
    ),
    (
        "道德银行：超市和存折",
        [
            ("道德超市", "desk:market-list", Action.MARKET_VIEW),
            ("兑换登记", "desk:redemption-list", Action.MARKET_VIEW),
            ("积分存折", "desk:passbook-list", Action.PASSBOOK_ISSUE),
            ("资金够不够兑付（资金覆盖）", "desk:cover-list", Action.MARKET_VIEW),
            ("积分到期", "desk:expiry-list", Action.RULE_VIEW),
        ],
    ),
    ("管理", [("管理后台", "admin:index", Action.ADMIN_ENTER)]),
]


@login_required
def more(request: DeskRequest) -> HttpResponse:
    allowed = request.user.actions()
    groups = [
        (title, [(label, reverse(name)) for label, name, needed in links if needed in allowed])
        for title, links in GROUPS
    ]
    return render(request, "desk/more.html", {"groups": [(title, links) for title, links in groups if links]})

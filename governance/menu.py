"""The admin's side menu, grouped by people's work instead of by app."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from governance.accounts.duties import Action

_MENU: list[tuple[str, list[tuple[str, str, str, Action]]]] = [
    (
        "村庄与人口",
        [
            ("单位（镇村组院）", "account_tree", "villages_unit", Action.UNIT_VIEW),
            ("网格与联户", "grid_view", "villages_overlay", Action.UNIT_VIEW),
            ("户", "home", "villages_household", Action.HOUSEHOLD_VIEW),
            ("居民", "group", "villages_resident", Action.HOUSEHOLD_VIEW),
            ("节假日与调休", "calendar_today", "villages_calendarday", Action.UNIT_VIEW),
            ("名册导入", "upload_file", "villages_rosterimport", Action.ROSTER_IMPORT),
        ],
    ),
    (
        "职务",
        [("一长四员与干部", "badge", "villages_post", Action.POST_VIEW)],
    ),
    (
        "事项",
        [
            ("事件、纠纷与代办", "fact_check", "cases_case", Action.CASE_VIEW),
            ("事项类别与限时", "apps", "cases_category", Action.CASE_VIEW),
            ("办公室", "group", "cases_office", Action.CASE_VIEW),
            ("代办方式", "handyman", "cases_servicekind", Action.CASE_VIEW),
            ("回访规则", "schedule", "cases_returnrule", Action.CASE_VIEW),
            ("纠纷台账导入", "upload_file", "cases_disputeimport", Action.CASE_IMPORT),
        ],
    ),
    (
        "道德银行",
        [
            ("积分细则", "rule", "moral_bank_ruleset", Action.RULE_VIEW),
            ("积分事项", "checklist", "moral_bank_deed", Action.RULE_VIEW),
            ("申报与核实", "fact_check", "moral_bank_claim", Action.CLAIM_VIEW),
            ("申诉", "contact_support", "moral_bank_appeal", Action.CLAIM_VIEW),
            ("评议小组成员", "group", "moral_bank_panelmember", Action.CLAIM_VIEW),
            ("评议会", "gavel", "moral_bank_sitting", Action.CLAIM_VIEW),
            ("评议结果", "check_circle", "moral_bank_judgement", Action.CLAIM_VIEW),
            ("积分台账", "receipt_long", "moral_bank_entry", Action.ENTRY_VIEW),
            ("月结季结年结", "event_available", "moral_bank_closing", Action.CLOSING_VIEW),
            ("积分存折", "receipt_long", "moral_bank_passbook", Action.PASSBOOK_ISSUE),
            ("代领人", "group", "moral_bank_proxy", Action.ENTRY_VIEW),
            ("道德超市", "account_balance", "moral_bank_shop", Action.MARKET_VIEW),
            ("兑换物品", "tag", "moral_bank_item", Action.MARKET_VIEW),
            ("兑换登记", "done_all", "moral_bank_redemption", Action.MARKET_VIEW),
            ("进货批次", "download", "moral_bank_lot", Action.MARKET_VIEW),
            ("出入库台账", "sync", "moral_bank_move", Action.MARKET_VIEW),
            ("盘点", "fact_check", "moral_bank_stocktake", Action.MARKET_VIEW),
            ("超市资金台账", "calculate", "moral_bank_fundmove", Action.MARKET_VIEW),
            ("供货单位", "group", "moral_bank_supplier", Action.MARKET_VIEW),
            ("资金覆盖日报", "fact_check", "moral_bank_coverday", Action.MARKET_VIEW),
            ("积分到期", "schedule", "moral_bank_expiry", Action.RULE_VIEW),
            ("评分与星级", "star", "moral_bank_rating", Action.RATING_VIEW),
            ("台账核对记录", "fact_check", "moral_bank_reconciliation", Action.PROOF_VIEW),
            ("每日校验码", "lock", "moral_bank_chainhead", Action.PROOF_VIEW),
            ("最美家庭提名", "favorite", "moral_bank_nomination", Action.AWARD_VIEW),
            ("荣誉（红榜）", "verified_user", "moral_bank_honour", Action.AWARD_VIEW),
            ("整改提醒", "info", "moral_bank_reminder", Action.REMINDER_VIEW),
        ],
    ),
    (
        "督查",
        [
            ("检查表", "checklist", "inspections_checklist", Action.CHECKLIST_VIEW),
            ("整改与督办", "fact_check", "inspections_order", Action.ORDER_VIEW),
            ("发现的问题", "rule", "inspections_finding", Action.ORDER_VIEW),
            ("述职评议", "gavel", "inspections_review", Action.REVIEW_VIEW),
            ("门前三包", "home", "inspections_front", Action.FRONT_VIEW),
        ],
    ),
    (
        "公示与异议",
        [
            ("公示", "campaign", "disclosure_notice", Action.NOTICE_VIEW),
            ("异议", "contact_support", "disclosure_objection", Action.NOTICE_VIEW),
        ],
    ),
    (
        "账号与日志",
        [
            ("账号", "manage_accounts", "accounts_user", Action.ACCOUNT_MANAGE),
            ("授权（镇级职务）", "verified_user", "villages_post", Action.DUTY_GRANT),
            ("访问日志", "policy", "accounts_accesslog", Action.LOG_VIEW),
        ],
    ),
]


def admin_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups and links that this user may open; empty groups are left out."""
    allowed = request.user.actions() if request.user.is_authenticated else frozenset()
    groups = []
    for title, links in _MENU:
        items = [
            {"title": label, "icon": icon, "link": reverse(f"admin:{name}_changelist")}
            for label, icon, name, action in links
            if action in allowed
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups

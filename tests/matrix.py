"""The list behind the matrix: every URL with the action it needs and the object it shows. What is not listed fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver

from governance.accounts.duties import Action, Guard

LOGGED_IN, PUBLIC = "logged in", "public"
_SCORERS = frozenset({"leader", "supervisor"})  # send what they score on site


@dataclass(frozen=True)
class Page:
    """`needs`: an action, LOGGED_IN or PUBLIC. `shows`: attribute of the house, "" for lists. `answers`: statuses for
    those who may. `denied` are the statuses of those who may not, `anonymous` of strangers to the portal where that is not
    the way to the login page; `also` are roles that may without the action."""

    needs: Action | str
    shows: str = ""
    method: str = "get"
    answers: tuple[int, ...] = (200,)
    denied: tuple[int, ...] = (404,)
    anonymous: tuple[int, ...] = (302,)
    arguments: tuple[tuple[str, str], ...] = ()
    also: frozenset[str] = frozenset()


DESK = {
    "accounts:login": Page(PUBLIC, answers=(200, 302)),
    "accounts:logout": Page(PUBLIC, method="post", answers=(302,)),
    "accounts:password": Page(LOGGED_IN),
    "desk:home": Page(LOGGED_IN),
    "villages:household-list": Page(Action.HOUSEHOLD_VIEW),
    "villages:household-detail": Page(Action.HOUSEHOLD_VIEW, "household"),
    "moral_bank:claim-create": Page(Action.CLAIM_DECLARE, "household"),
    "villages:resident-reveal": Page(Action.RESIDENT_REVEAL, "resident", "post", (200, 302)),
    "moral_bank:claim-list": Page(Action.CLAIM_VIEW),
    "moral_bank:claim-verify": Page(Action.CLAIM_VERIFY, "claim", "post", (302, 400)),
    "moral_bank:claim-reject": Page(Action.CLAIM_VERIFY, "claim", "post", (200, 302, 400)),
    "moral_bank:rating-list": Page(Action.RATING_VIEW),
    "moral_bank:rating-detail": Page(Action.RATING_VIEW, "rating"),
    "moral_bank:closing-list": Page(Action.CLOSING_VIEW),
    "moral_bank:closing-run": Page(Action.CLOSING_RUN),
    "moral_bank:closing-detail": Page(Action.CLOSING_VIEW, "closing"),
    "moral_bank:closing-step": Page(Action.CLOSING_RUN, "closing", "post", (302,), arguments=(("step", "lock"),)),
    "moral_bank:objection-answer": Page(
        Action.OBJECTION_ANSWER, "closing", "post", (302, 422), arguments=(("objection_pk", "objection"),)
    ),
    "villages:vacancy-list": Page(Action.POST_VIEW),
    "desk:village-report": Page(Action.UNIT_VIEW),
    "accounts:inbox": Page(LOGGED_IN),
    "accounts:inbox-read": Page(LOGGED_IN, method="post", answers=(302,)),
    "accounts:message": Page(LOGGED_IN, "message", answers=(404, 302)),
    "desk:more": Page(LOGGED_IN),
    "cases:service-worker": Page(PUBLIC),
    "cases:send": Page(Action.CASE_LOG, method="post", answers=(400,), anonymous=(401,), also=_SCORERS),
    "cases:draft-key": Page(Action.CASE_LOG, anonymous=(401,), also=_SCORERS),
    "cases:photo-part": Page(
        Action.CASE_LOG, anonymous=(401,), arguments=(("key", "00000000-0000-4000-8000-000000000000"),)
    ),
    "cases:photo": Page(Action.CASE_VIEW, "photo", anonymous=(404,)),
    "cases:conflict-list": Page(Action.CASE_LOG),
    "cases:conflict-settle": Page(Action.CASE_LOG, "conflict", answers=(200, 404)),
    "cases:case-log": Page(Action.CASE_LOG),
    "cases:case-alike": Page(Action.CASE_LOG),
    "cases:case-list": Page(Action.CASE_VIEW),
    "cases:case-detail": Page(Action.CASE_VIEW, "case"),
    "cases:case-step": Page(Action.CASE_VIEW, "case", answers=(200, 302), arguments=(("step", "note"),)),
    **{
        f"cases:{name}": Page(Action.CASE_HANDLE, "dispute")
        for name in (
            "party-add", "mediator", "recusal", "risk", "sitting-add", "agreement", "performance", "confirmation",
        )
    },
    "cases:party-remove": Page(Action.CASE_HANDLE, "dispute", arguments=(("party_pk", "party"),)),
    "cases:agreement-print": Page(Action.CASE_VIEW, "dispute"),
    "cases:dossier-print": Page(Action.CASE_VIEW, "dispute"),
    "cases:return-visit": Page(Action.CASE_HANDLE, "return_visit"),
    "cases:service-list": Page(Action.CASE_VIEW),
    "cases:errand-slip": Page(Action.CASE_HANDLE, "errand"),
    "cases:errand-edit": Page(Action.CASE_HANDLE, "errand", "post", (302,)),
    "cases:visit-list": Page(Action.VISIT_VIEW),
    "cases:visit-log": Page(Action.VISIT_LOG),
    "cases:visit-detail": Page(Action.VISIT_VIEW, "visit"),
    "cases:care-note": Page(Action.CARE_VIEW, "visit"),
    "cases:shift-list": Page(Action.SHIFT_VIEW),
    "cases:shift-print": Page(Action.SHIFT_VIEW),
    "cases:shift-generate": Page(Action.SHIFT_EDIT, method="post", answers=(404,)),
    "cases:shift-publish": Page(Action.SHIFT_EDIT, method="post", answers=(404,)),
    "cases:shift-kinds": Page(Action.SHIFT_EDIT, "village"),
    "cases:post-phone": Page(Action.SHIFT_EDIT, "post", "post", (302,)),
    "cases:swap-ask": Page(Action.SHIFT_EDIT, "shift"),
    "cases:swap-answer": Page(Action.SHIFT_VIEW, "swap", "post", (302, 404)),
    "desk:ledger-list": Page(Action.EXPORT),
    "desk:ledger-export": Page(Action.EXPORT, arguments=(("name", "disputes"),)),
    "desk:ledger-print": Page(Action.EXPORT, arguments=(("name", "errands"),)),
    "public:receipt": Page(PUBLIC),
    "public:service-list": Page(PUBLIC),
    "public:service": Page(PUBLIC, "service"),
    "public:board": Page(PUBLIC),
    "public:village": Page(PUBLIC, "village", arguments=(("code", "511923102201"),)),
    "public:notice": Page(PUBLIC, "notice"),
    "public:objection": Page(PUBLIC, "notice", answers=(200, 302, 405)),
}


@dataclass(frozen=True)
class Staff:
    """A model's pages in the admin: who sees it, which example it shows, what else can be done with it there."""

    view: Action
    shows: str
    add: bool = False
    delete: bool = False
    history: bool = True
    export: bool = False
    buttons: tuple[tuple[str, Action], ...] = ()
    also: frozenset[str] = frozenset()


ADMIN = {
    "villages_unit": Staff(
        Action.UNIT_VIEW,
        "village",
        add=True,
        export=True,
        buttons=(("merge", Action.UNIT_EDIT), ("split", Action.UNIT_EDIT)),
    ),
    "villages_calendarday": Staff(Action.UNIT_VIEW, "calendar_day", add=True, delete=True),
    "villages_overlay": Staff(Action.UNIT_VIEW, "overlay", add=True, delete=True, export=True),
    "villages_household": Staff(
        Action.HOUSEHOLD_VIEW,
        "household",
        export=True,
        add=True,
        buttons=(
            ("add_person", Action.HOUSEHOLD_EDIT),
            ("move", Action.HOUSEHOLD_EDIT),
            ("end", Action.HOUSEHOLD_EDIT),
            ("ledger_page", Action.ENTRY_VIEW),
        ),
    ),
    "villages_resident": Staff(
        Action.HOUSEHOLD_VIEW,
        "resident",
        export=True,
        add=True,
        buttons=(("reveal", Action.RESIDENT_REVEAL), ("leave", Action.HOUSEHOLD_EDIT)),
    ),
    "villages_post": Staff(
        Action.POST_VIEW,
        "post",
        add=True,
        export=True,
        buttons=(("end", Action.POST_APPOINT),),
        also=frozenset({Guard.SECURITY.value}),
    ),
    "villages_rosterimport": Staff(
        Action.ROSTER_IMPORT,
        "roster",
        add=True,
        history=False,
        buttons=tuple((name, Action.ROSTER_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "moral_bank_ruleset": Staff(
        Action.RULE_VIEW,
        "rule_set",
        add=True,
        buttons=(("copy", Action.RULE_EDIT), ("adopt", Action.RULE_EDIT)),
    ),
    "moral_bank_deed": Staff(Action.RULE_VIEW, "deed", add=True, export=True),
    "moral_bank_claim": Staff(
        Action.CLAIM_VIEW,
        "claim",
        export=True,
        buttons=(("page", Action.CLAIM_VIEW), ("household_page", Action.HOUSEHOLD_VIEW)),
    ),
    "moral_bank_appeal": Staff(
        Action.CLAIM_VIEW, "appeal", export=True, history=False, buttons=(("page", Action.CLAIM_VIEW),)
    ),
    "moral_bank_entry": Staff(
        Action.ENTRY_VIEW, "entry", export=True, history=False, buttons=(("reverse_entry", Action.ENTRY_REVERSE),)
    ),
    "moral_bank_panelmember": Staff(
        Action.CLAIM_VIEW, "panel_member", export=True, history=False, buttons=(("page", Action.CLOSING_VIEW),)
    ),
    "moral_bank_sitting": Staff(
        Action.CLAIM_VIEW, "panel_sitting", export=True, history=False, buttons=(("page", Action.CLOSING_VIEW),)
    ),
    "moral_bank_reconciliation": Staff(
        Action.PROOF_VIEW, "reconciliation", history=False, export=True, buttons=(("page", Action.PROOF_VIEW),)
    ),
    "moral_bank_chainhead": Staff(Action.PROOF_VIEW, "chain_head", history=False),
    "moral_bank_judgement": Staff(Action.CLAIM_VIEW, "judgement", history=False),
    "moral_bank_closing": Staff(
        Action.CLOSING_VIEW,
        "closing",
        export=True,
        history=False,
        buttons=(
            ("compute", Action.CLOSING_RUN),
            ("publish", Action.CLOSING_RUN),
            ("lock", Action.CLOSING_RUN),
            ("page", Action.CLOSING_VIEW),
        ),
    ),
    "moral_bank_passbook": Staff(
        Action.PASSBOOK_ISSUE, "passbook", export=True, history=False, buttons=(("page", Action.ENTRY_VIEW),)
    ),
    "moral_bank_proxy": Staff(Action.ENTRY_VIEW, "proxy", history=False),
    "moral_bank_coverday": Staff(Action.MARKET_VIEW, "cover_day", export=True, history=False),
    "moral_bank_expiry": Staff(Action.RULE_VIEW, "expiry", export=True, history=False),
    "moral_bank_shop": Staff(Action.MARKET_VIEW, "shop", buttons=(("page", Action.MARKET_VIEW),)),
    "moral_bank_item": Staff(Action.MARKET_VIEW, "goods"),
    "moral_bank_supplier": Staff(Action.MARKET_VIEW, "supplier"),
    "moral_bank_lot": Staff(Action.MARKET_VIEW, "lot", history=False),
    "moral_bank_redemption": Staff(
        Action.MARKET_VIEW, "redemption", export=True, history=False, buttons=(("page", Action.MARKET_VIEW),)
    ),
    "moral_bank_move": Staff(Action.MARKET_VIEW, "stock_move", export=True, history=False),
    "moral_bank_stocktake": Staff(
        Action.MARKET_VIEW, "stock_take", history=False, buttons=(("page", Action.MARKET_VIEW),)
    ),
    "moral_bank_fundmove": Staff(Action.MARKET_VIEW, "fund_move", export=True, history=False),
    "moral_bank_rating": Staff(Action.RATING_VIEW, "rating", export=True, history=False, buttons=(("why", Action.RATING_VIEW),)),
    "moral_bank_nomination": Staff(Action.AWARD_VIEW, "nomination", export=True, buttons=(("page", Action.AWARD_VIEW),)),
    "moral_bank_honour": Staff(
        Action.AWARD_VIEW, "honour", export=True, history=False, buttons=(("page", Action.AWARD_VIEW),)
    ),
    "moral_bank_reminder": Staff(Action.REMINDER_VIEW, "reminder", history=False),
    "cases_case": Staff(
        Action.CASE_VIEW,
        "dispute",
        export=True,
        history=False,
        buttons=(
            ("file", Action.CASE_ASSIGN),
            ("reopen", Action.CASE_ASSIGN),
            ("mediator", Action.CASE_ASSIGN),
            ("page", Action.CASE_VIEW),
        ),
    ),
    "cases_disputeimport": Staff(
        Action.CASE_IMPORT,
        "ledger",
        add=True,
        history=False,
        buttons=tuple((name, Action.CASE_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "cases_category": Staff(Action.CASE_VIEW, "service", add=True, export=True),
    "cases_office": Staff(Action.CASE_VIEW, "office", add=True, delete=True),
    "cases_servicekind": Staff(Action.CASE_VIEW, "service_kind", add=True, delete=True),
    "cases_returnrule": Staff(Action.CASE_VIEW, "return_rule", add=True, delete=True),
    "disclosure_notice": Staff(
        Action.NOTICE_VIEW,
        "notice",
        add=True,
        export=True,
        history=False,
        buttons=(("withdraw", Action.NOTICE_PUBLISH),),
    ),
    "disclosure_objection": Staff(
        Action.NOTICE_VIEW, "objection", export=True, history=False, buttons=(("reply", Action.OBJECTION_ANSWER),)
    ),
    "inspections_checklist": Staff(
        Action.CHECKLIST_VIEW,
        "checklist",
        add=True,
        export=True,
        buttons=(("adopt", Action.CHECKLIST_EDIT), ("copy", Action.CHECKLIST_EDIT), ("sheet", Action.EXPORT)),
    ),
    "inspections_checklistsection": Staff(Action.CHECKLIST_VIEW, "checklist_section", history=False),
    "inspections_order": Staff(
        Action.ORDER_VIEW,
        "order",
        history=False,
        buttons=(("recheck", Action.ORDER_CHECK), ("page", Action.ORDER_VIEW)),
    ),
    "inspections_finding": Staff(Action.ORDER_VIEW, "finding", history=False),
    "inspections_review": Staff(Action.REVIEW_VIEW, "review", buttons=(("page", Action.REVIEW_VIEW),)),
    "inspections_front": Staff(
        Action.FRONT_VIEW, "front", export=True, history=False, buttons=(("page", Action.FRONT_VIEW),)
    ),
    "accounts_user": Staff(Action.ACCOUNT_MANAGE, "user", add=True),
    "accounts_accesslog": Staff(Action.LOG_VIEW, "log", export=True),
}
ADMIN_FRAME = {
    "admin:villages_calendarday_load": Page(Action.CALENDAR_EDIT),
    "admin:cases_category_set_up": Page(Action.CATEGORY_EDIT, method="post", answers=(302,)),
    "admin:inspections_checklist_set_up": Page(Action.CHECKLIST_EDIT, method="post", answers=(302,)),
    "admin:inspections_checklist_import": Page(Action.CHECKLIST_EDIT),
    "admin:index": Page(Action.ADMIN_ENTER),
    "admin:search": Page(Action.ADMIN_ENTER, answers=(200, 404)),
    "admin:login": Page(PUBLIC, answers=(302, 404)),
    "admin:logout": Page(Action.ADMIN_ENTER, method="post", answers=(302,)),
    "admin:password_change": Page(Action.ADMIN_ENTER, answers=(200, 302)),
    "admin:password_change_done": Page(Action.ADMIN_ENTER, answers=(200, 302)),
    "admin:autocomplete": Page(Action.ADMIN_ENTER, answers=(404,)),
    "admin:jsi18n": Page(Action.ADMIN_ENTER),
    "admin:view_on_site": Page(
        Action.ADMIN_ENTER, answers=(404,), arguments=(("content_type_id", "0"), ("object_id", "0"))
    ),
    "admin:app_list": Page(Action.ADMIN_ENTER, answers=(200, 404), arguments=(("app_label", "villages"),)),
}


def staff_pages() -> dict[str, Page]:
    """Every page of every model in the admin; what a model does not offer is 404 for its own staff as well."""
    pages: dict[str, Page] = {}
    for model, staff in ADMIN.items():
        there = {True: (200,), False: (404,)}
        own = (("object_id", staff.shows),)
        pages |= {
            f"admin:{model}_changelist": Page(staff.view, also=staff.also),
            f"admin:{model}_add": Page(staff.view, answers=there[staff.add], also=staff.also),
            f"admin:{model}_change": Page(staff.view, staff.shows, arguments=own),
            f"admin:{model}_delete": Page(staff.view, staff.shows, answers=there[staff.delete], arguments=own),
            f"admin:{model}_history": Page(staff.view, staff.shows, answers=there[staff.history], arguments=own),
            f"admin:{model}_simple_history": Page(staff.view, staff.shows, answers=there[staff.history]),
            f"admin:{model}_export": Page(staff.view, answers=there[staff.export]),
        }
        for name, action in staff.buttons:
            pages[f"admin:{model}_{name}"] = Page(action, staff.shows, answers=(200, 302), arguments=own)
    return pages


def patterns() -> Iterator[tuple[str, str]]:
    """(name with namespaces, route) of every URL of the project."""

    def walk(resolver: object, route: str, space: str) -> Iterator[tuple[str, str]]:
        for entry in resolver.url_patterns:  # type: ignore[attr-defined]
            if isinstance(entry, URLPattern):
                yield space + (entry.name or ""), route + str(entry.pattern)
            else:
                inner = f"{space}{entry.namespace}:" if entry.namespace else space
                yield from walk(entry, route + str(entry.pattern), inner)

    return walk(get_resolver(), "", "")

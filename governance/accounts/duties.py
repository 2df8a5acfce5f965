"""Who may do what: the one matrix of duties (职务) and actions (操作).

Where a duty counts is said by the post that carries it (`villages.Post`: duty × unit × term).
`manage.py duties` prints the matrix into docs/duties.md. Source: plan §三.1 (明确“两委”干部和监督委员会干部职责), §三 (一长四员).
"""

from django.db.models import TextChoices


class Action(TextChoices):
    """Something a duty allows; the value is stable, the label is shown."""

    ADMIN_ENTER = "admin.enter", "进入管理后台"
    UNIT_VIEW = "unit.view", "查看单位"
    UNIT_EDIT = "unit.edit", "维护单位"
    HOUSEHOLD_VIEW = "household.view", "查看户和居民"
    HOUSEHOLD_EDIT = "household.edit", "维护户和居民"
    RESIDENT_REVEAL = "resident.reveal", "查看完整身份证号（留痕）"
    RESIDENT_EXPORT = "resident.export", "导出完整身份证号（写明用途，留痕）"
    RESIDENT_TELL = "resident.tell", "应本人申请出具个人资料（含完整身份证号，留痕）"
    RESIDENT_FORGET = "resident.forget", "定资料保留年限，注销多年前迁出、死亡者的资料"
    ROSTER_IMPORT = "roster.import", "导入名册"
    POST_VIEW = "post.view", "查看任职"
    POST_APPOINT = "post.appoint", "聘任和卸任"
    RULE_VIEW = "rule.view", "查看积分细则"
    RULE_EDIT = "rule.edit", "维护积分细则"
    CLAIM_VIEW = "claim.view", "查看申报"
    CLAIM_DECLARE = "claim.declare", "申报"
    CLAIM_VERIFY = "claim.verify", "核实"
    PANEL_EDIT = "panel.edit", "维护评议小组"
    PANEL_RECORD = "panel.record", "登记评议会"
    APPEAL_ANSWER = "appeal.answer", "答复申诉"
    ENTRY_VIEW = "entry.view", "查看积分台账"
    ENTRY_REVERSE = "entry.reverse", "冲正"
    CLOSING_VIEW = "closing.view", "查看月结"
    CLOSING_RUN = "closing.run", "办理月结"
    RATING_VIEW = "rating.view", "查看评分与星级"
    AWARD_VIEW = "award.view", "查看荣誉和提名"
    AWARD_NOMINATE = "award.nominate", "提名最美家庭"
    AWARD_JUDGE = "award.judge", "登记村评议"
    AWARD_CONFIRM = "award.confirm", "审定和撤销荣誉"
    REMINDER_VIEW = "reminder.view", "查看和登记整改提醒"
    MARKET_VIEW = "market.view", "查看道德超市"
    MARKET_REDEEM = "market.redeem", "登记兑换"
    MARKET_HAND = "market.hand", "交付和退货"
    MARKET_STOCK = "market.stock", "维护目录、进货和盘点"
    FUND_EDIT = "fund.edit", "登记超市资金"
    PASSBOOK_ISSUE = "passbook.issue", "发放和作废积分存折"
    PROOF_VIEW = "proof.view", "查看台账核对"
    NOTICE_VIEW = "notice.view", "查看公示和异议"
    NOTICE_PUBLISH = "notice.publish", "发布和撤回公示"
    OBJECTION_ANSWER = "objection.answer", "答复异议"
    CASE_VIEW = "case.view", "查看事件、纠纷和代办"
    CASE_LOG = "case.log", "登记事件、纠纷和代办"
    CASE_HANDLE = "case.handle", "受理、处置、办结和回访"
    CASE_ASSIGN = "case.assign", "转办、暂停、归档和重开"
    CASE_APPROVE = "case.approve", "批准延期"
    CASE_IMPORT = "case.import", "导入矛盾纠纷台账"
    CATEGORY_EDIT = "category.edit", "维护事项类别、办公室和回访规则"
    VISIT_VIEW = "visit.view", "查看走访"
    VISIT_LOG = "visit.log", "登记走访和关爱记录"
    CARE_VIEW = "care.view", "查看特殊困难群体台账和关爱记录"
    CARE_EDIT = "care.edit", "维护特殊困难群体台账"
    CARE_L3 = "care.l3", "查看特殊困难群体敏感项（留痕）"
    CARE_CHILD = "care.child", "负责儿童关爱"
    CARE_IMPORT = "care.import", "导入特殊困难群体台账"
    VOLUNTEER_VIEW = "volunteer.view", "查看志愿者、服务项目和时长"
    VOLUNTEER_EDIT = "volunteer.edit", "维护志愿者和服务队"
    VOLUNTEER_IMPORT = "volunteer.import", "导入志愿服务台账"
    PROJECT_EDIT = "project.edit", "维护服务项目库和星级标准"
    SERVICE_VIEW = "service.view", "查看点单"
    SERVICE_LOG = "service.log", "登记点单（代点）和代评"
    SERVICE_DISPATCH = "service.dispatch", "派单、改派和定计分"
    SERVICE_RUN = "service.run", "跑单"
    SHIFT_VIEW = "shift.view", "查看值班表"
    SHIFT_EDIT = "shift.edit", "排班和发布值班表"
    CALENDAR_EDIT = "calendar.edit", "维护节假日与调休"
    CHECKLIST_VIEW = "checklist.view", "查看检查表"
    CHECKLIST_EDIT = "checklist.edit", "维护检查表"
    PLAN_VIEW = "plan.view", "查看督查方案和汇总"
    ROUND_VIEW = "round.view", "查看督查评分表和实测指标"
    ROUND_PLAN = "round.plan", "编制督查方案、移交和汇总"
    ROUND_SCORE = "round.score", "现场评分"
    ROUND_DECIDE = "round.decide", "审定和锁定督查结果"
    SELF_SCORE = "self.score", "村自评和申辩"
    ORDER_VIEW = "order.view", "查看整改和督办"
    ORDER_ISSUE = "order.issue", "下发整改通知和督办单"
    ORDER_FIX = "order.fix", "签收、申请延期和报告整改"
    ORDER_CHECK = "order.check", "复核销号"
    BLAME = "blame", "查看和登记问责"
    REVIEW_VIEW = "review.view", "查看述职评议和目标考核"
    REVIEW_ENTER = "review.enter", "录入民主测评票数"
    REVIEW_RUN = "review.run", "办理述职评议和目标考核"
    CHECK_VIEW = "check.view", "查看户月评"
    CHECK_SCORE = "check.score", "户月评打分"
    CHECK_IMPORT = "check.import", "导入户月评台账"
    FRONT_VIEW = "front.view", "查看门前三包"
    FRONT_EDIT = "front.edit", "登记门前三包责任"
    FRONT_PATROL = "front.patrol", "门前三包巡查和复查"
    COUNCIL_VIEW = "council.view", "查看议事组织、会议和决策"
    COUNCIL_EDIT = "council.edit", "维护议事组织和成员"
    MEETING_RECORD = "meeting.record", "召集和记录会议"
    MEETING_CONFIRM = "meeting.confirm", "确认和归档会议"
    DECISION_RUN = "decision.run", "办理决策事项"
    DECISION_CHECK = "decision.check", "镇预审决策事项"
    DECISION_KIND = "decision.kind", "维护决策程序"
    POWER_VIEW = "power.view", "查看小微权力清单"
    POWER_EDIT = "power.edit", "维护小微权力清单"
    AFFAIR_VIEW = "affair.view", "查看事务公开"
    AFFAIR_EDIT = "affair.edit", "拟稿和发布事务公开"
    AFFAIR_REVIEW = "affair.review", "审核事务公开"
    AFFAIR_CATALOGUE = "affair.catalogue", "维护公开目录"
    ACTIVITY_VIEW = "activity.view", "查看活动"
    ACTIVITY_EDIT = "activity.edit", "安排和登记活动"
    ECONOMY_VIEW = "economy.view", "查看村集体经济"
    ECONOMY_EDIT = "economy.edit", "填报村集体经济"
    ECONOMY_CHECK = "economy.check", "导入、核定和退回村集体经济收支"
    FACILITY_VIEW = "facility.view", "查看设施和点位"
    FACILITY_EDIT = "facility.edit", "登记和撤销设施和点位"
    FACILITY_CHECK = "facility.check", "检查设施和点位"
    FACILITY_IMPORT = "facility.import", "导入设施和点位"
    EXPORT = "export", "导出"
    REPEAT_VIEW = "repeat.view", "查看重复填报的反映"
    ACCOUNT_MANAGE = "account.manage", "维护账号"
    GUARD_CONSENT = "guard.consent", "申请和同意三员账号变更（双人）"
    DUTY_GRANT = "duty.grant", "授予镇级职务"
    ACCOUNT_RULES = "account.rules", "定账号安全要求"
    LOG_VIEW = "log.view", "查看访问日志"


class Duty(TextChoices):
    """A post's kind; `guard` duties (三员) are held by the account itself, never by a post."""

    STAFF = "staff", "镇工作人员"
    LEADER = "leader", "镇领导"
    SUPERVISOR = "supervisor", "督查员"
    ID_KEEPER = "id_keeper", "身份信息管理员"
    SECRETARY = "secretary", "村党组织书记"
    CADRE = "cadre", "村“两委”干部"
    OVERSEER = "overseer", "村务监督委员会成员"
    GROUP_HEAD = "group_head", "村民小组长"
    YARD_HEAD = "yard_head", "院户长"
    PUBLICIST = "publicist", "政策宣传员"
    MEDIATOR = "mediator", "矛盾纠纷调解员"
    SANITATION = "sanitation", "环境卫生监督员"
    INFORMANT = "informant", "社情民意信息员"
    CHILD_DIRECTOR = "child_head", "儿童主任"
    CHILD_SUPERVISOR = "child_town", "儿童督导员"
    VOLUNTEER = "volunteer", "志愿者"


class Guard(TextChoices):
    """三员: one account holds at most one, and none of them reads business data (design §2)."""

    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计员"


TOWN_OFFICES = (Duty.STAFF, Duty.LEADER, Duty.SUPERVISOR)
TOWN_DUTIES = (*TOWN_OFFICES, Duty.ID_KEEPER)
CHILD_DUTIES = (Duty.CHILD_DIRECTOR, Duty.CHILD_SUPERVISOR)
VILLAGE_DUTIES = (Duty.SECRETARY, Duty.CADRE, Duty.OVERSEER)
YARD_DUTIES = (Duty.YARD_HEAD, Duty.PUBLICIST, Duty.MEDIATOR, Duty.SANITATION, Duty.INFORMANT)
CONSENT_DUTIES = (Duty.YARD_HEAD, Duty.PUBLICIST, Duty.MEDIATOR, Duty.SANITATION)
"""Villagers who are named in public where they agreed in writing; whoever gathers what people say (信息员) never is."""
SINGLE_DUTIES = (Duty.SECRETARY, Duty.GROUP_HEAD, *YARD_DUTIES)

_READ = frozenset(
    {
        Action.UNIT_VIEW,
        Action.HOUSEHOLD_VIEW,
        Action.POST_VIEW,
        Action.RULE_VIEW,
        Action.CLAIM_VIEW,
        Action.ENTRY_VIEW,
        Action.CLOSING_VIEW,
        Action.RATING_VIEW,
        Action.AWARD_VIEW,
        Action.MARKET_VIEW,
        Action.NOTICE_VIEW,
        Action.CASE_VIEW,
        Action.VISIT_VIEW,
        Action.SHIFT_VIEW,
        Action.VOLUNTEER_VIEW,
        Action.SERVICE_VIEW,
        Action.CHECKLIST_VIEW,
        Action.CHECK_VIEW,
        Action.FRONT_VIEW,
        Action.COUNCIL_VIEW,
        Action.POWER_VIEW,
        Action.AFFAIR_VIEW,
        Action.ACTIVITY_VIEW,
        Action.ECONOMY_VIEW,
        Action.FACILITY_VIEW,
    }
)
_LOG = frozenset(
    {
        Action.CLAIM_DECLARE,
        Action.CLAIM_VERIFY,
        Action.AWARD_NOMINATE,
        Action.MARKET_REDEEM,
        Action.MARKET_HAND,
        Action.PASSBOOK_ISSUE,
        Action.REMINDER_VIEW,
        Action.CASE_LOG,
        Action.CASE_HANDLE,
        Action.VISIT_LOG,
        Action.CARE_VIEW,
        Action.SERVICE_LOG,
        Action.SERVICE_RUN,
        Action.CHECK_SCORE,
        Action.FRONT_PATROL,
        Action.MEETING_RECORD,
        Action.FACILITY_CHECK,
    }
)
_INSPECTED = frozenset({Action.ROUND_VIEW, Action.ORDER_VIEW, Action.REVIEW_VIEW})
_YARD = (_READ - {Action.CLOSING_VIEW, Action.SHIFT_VIEW, Action.ECONOMY_VIEW}) | _LOG
_VILLAGE = (
    _READ
    | _LOG
    | {
        Action.PANEL_EDIT,
        Action.PANEL_RECORD,
        Action.AWARD_JUDGE,
        Action.MARKET_STOCK,
        Action.CASE_ASSIGN,
        Action.SHIFT_EDIT,
        Action.HOUSEHOLD_EDIT,
        Action.RESIDENT_REVEAL,
        Action.SELF_SCORE,
        Action.ORDER_FIX,
        Action.FRONT_EDIT,
        Action.VOLUNTEER_EDIT,
        Action.SERVICE_DISPATCH,
        Action.CARE_EDIT,
        Action.COUNCIL_EDIT,
        Action.MEETING_CONFIRM,
        Action.DECISION_RUN,
        Action.AFFAIR_EDIT,
        Action.ACTIVITY_EDIT,
        Action.ECONOMY_EDIT,
        Action.FACILITY_EDIT,
        Action.EXPORT,
    }
    | _INSPECTED
)

# Whom children's care is given to sees the household, the visits and the children of the ledger.
_CHILD = frozenset(
    {
        Action.UNIT_VIEW,
        Action.HOUSEHOLD_VIEW,
        Action.VISIT_VIEW,
        Action.VISIT_LOG,
        Action.CARE_CHILD,
        Action.SERVICE_VIEW,
        Action.SERVICE_LOG,
        Action.VOLUNTEER_VIEW,
        Action.SERVICE_RUN,
    }
)

MATRIX: dict[str, frozenset[Action]] = {
    Duty.STAFF: _READ
    | _LOG
    | {
        Action.ADMIN_ENTER,
        Action.UNIT_EDIT,
        Action.HOUSEHOLD_EDIT,
        Action.RESIDENT_TELL,
        Action.RESIDENT_FORGET,
        Action.RESIDENT_REVEAL,
        Action.ROSTER_IMPORT,
        Action.POST_APPOINT,
        Action.RULE_EDIT,
        Action.PANEL_EDIT,
        Action.PANEL_RECORD,
        Action.APPEAL_ANSWER,
        Action.AWARD_JUDGE,
        Action.AWARD_CONFIRM,
        Action.MARKET_STOCK,
        Action.FUND_EDIT,
        Action.PROOF_VIEW,
        Action.CASE_ASSIGN,
        Action.CASE_APPROVE,
        Action.CASE_IMPORT,
        Action.CATEGORY_EDIT,
        Action.SHIFT_EDIT,
        Action.CALENDAR_EDIT,
        Action.ENTRY_REVERSE,
        Action.CLOSING_RUN,
        Action.NOTICE_PUBLISH,
        Action.OBJECTION_ANSWER,
        Action.CHECKLIST_EDIT,
        Action.PLAN_VIEW,
        Action.ROUND_PLAN,
        Action.ROUND_SCORE,
        Action.SELF_SCORE,
        Action.ORDER_ISSUE,
        Action.ORDER_CHECK,
        Action.REVIEW_ENTER,
        Action.REVIEW_RUN,
        Action.FRONT_EDIT,
        Action.VOLUNTEER_EDIT,
        Action.VOLUNTEER_IMPORT,
        Action.PROJECT_EDIT,
        Action.SERVICE_DISPATCH,
        Action.CARE_EDIT,
        Action.CARE_L3,
        Action.CARE_CHILD,
        Action.CARE_IMPORT,
        Action.CHECK_IMPORT,
        Action.COUNCIL_EDIT,
        Action.MEETING_CONFIRM,
        Action.DECISION_RUN,
        Action.DECISION_CHECK,
        Action.DECISION_KIND,
        Action.POWER_EDIT,
        Action.AFFAIR_EDIT,
        Action.AFFAIR_CATALOGUE,
        Action.ACTIVITY_EDIT,
        Action.ECONOMY_EDIT,
        Action.ECONOMY_CHECK,
        Action.FACILITY_EDIT,
        Action.FACILITY_IMPORT,
        Action.EXPORT,
        Action.REPEAT_VIEW,
    }
    | _INSPECTED,
    Duty.LEADER: _READ
    | _INSPECTED
    | {
        Action.PROOF_VIEW,
        Action.CASE_ASSIGN,
        Action.CASE_APPROVE,
        Action.PLAN_VIEW,
        Action.ROUND_SCORE,
        Action.ROUND_DECIDE,
        Action.ORDER_ISSUE,
        Action.BLAME,
        Action.EXPORT,
        Action.REPEAT_VIEW,
    },
    Duty.SUPERVISOR: _READ | _INSPECTED | {Action.PLAN_VIEW, Action.ROUND_SCORE, Action.ORDER_CHECK, Action.REVIEW_ENTER},
    Duty.ID_KEEPER: frozenset({Action.UNIT_VIEW, Action.RESIDENT_EXPORT}),
    Duty.SECRETARY: _VILLAGE | {Action.CARE_L3},
    Duty.CADRE: _VILLAGE,
    Duty.OVERSEER: _READ | _INSPECTED | {Action.AFFAIR_REVIEW},
    Duty.GROUP_HEAD: _YARD,
    **dict.fromkeys(YARD_DUTIES, _YARD),
    **dict.fromkeys(CHILD_DUTIES, _CHILD),
    Duty.VOLUNTEER: frozenset({Action.SERVICE_RUN}),
    Guard.SYSTEM: frozenset({Action.ADMIN_ENTER, Action.ACCOUNT_MANAGE, Action.GUARD_CONSENT}),
    Guard.SECURITY: frozenset({Action.ADMIN_ENTER, Action.DUTY_GRANT, Action.ACCOUNT_RULES, Action.GUARD_CONSENT}),
    Guard.AUDIT: frozenset({Action.ADMIN_ENTER, Action.LOG_VIEW, Action.GUARD_CONSENT}),
}


VILLAGES_OWN = frozenset({Action.ORDER_FIX, Action.AFFAIR_REVIEW})
"""What the office hands on without holding it: the village's side of a hand-over by the office, and its overseers' review."""


def may_grant(granter: frozenset[Action], duty: str) -> bool:
    """Nobody hands on what they do not hold, but for the village's own; the town's duties come from the security administrator,
    who has no others."""
    if Action.DUTY_GRANT in granter:
        return duty in TOWN_DUTIES
    return Action.POST_APPOINT in granter and duty not in TOWN_DUTIES and MATRIX[duty] - VILLAGES_OWN <= granter

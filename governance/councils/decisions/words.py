"""What was recorded, in words: for pages, sheets, papers and notices alike."""

from __future__ import annotations

from governance.councils.covenants.models import Clause
from governance.councils.decisions.gates import Majority, Quorum, Rule, What
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.models import Decision, GateRecord
from governance.privacy import mask_name

UNCHECKED = "程序待核"


def asked_words(gate: Gate) -> str:
    """What a gate asks for: “村民代表会议：到会达到应到人数的三分之二，到会人员超过半数同意”."""
    rule = gate.rule
    parts = [
        gate.get_body_display() if gate.body else "",
        *_meeting_words(rule),
        f"提前 {rule.call_days} 天通知" if rule.call_days else "",
        f"{gate.get_what_display()} {rule.notice_days} 天以上" if rule.notice_days else "",
        "异议全部答复" if rule.what == What.NOTICE else "",
        f"距上一步 {rule.min_days} 天以上" if rule.min_days else "",
        f"材料：{'、'.join(gate.paper_names)}" if gate.paper_names else "",
        "无记名投票" if gate.is_secret else "",
        gate.get_confirm_display() if gate.confirm else "",
    ]
    return "，".join(part for part in parts if part)


def _meeting_words(rule: Rule) -> list[str]:
    quorums = {
        Quorum.PEOPLE: f"到会{rule.quorum.asked}应到人数" if rule.quorum.label == "全体" else f"到会人数{rule.quorum.asked}",
        Quorum.HOUSES: f"到会户数{rule.house_quorum.asked}",
        Quorum.EITHER: f"到会人数{rule.quorum.asked}或到会户数{rule.house_quorum.asked}",
    }
    majorities = {
        Majority.ENTITLED: "应到人员",
        Majority.PRESENT: "到会人员",
        Majority.HOUSES: "全体户",
        Majority.HOUSES_PRESENT: "到会户",
    }
    found = [quorums[rule.quorum_base]] if rule.quorum_base in quorums else []
    if rule.majority_base in majorities:
        found.append(f"同意{rule.majority.asked}（按{majorities[rule.majority_base]}算）")
    return found


def figures_words(record: GateRecord) -> str:
    """“应到 42 人，实到 30 人，同意 28，不同意 1，弃权 1，回避 0”; "" where nothing was counted."""
    counted = [
        (f"应到 {record.entitled} 人，实到 {record.present} 人", record.entitled),
        (f"应到 {record.houses_entitled} 户，实到 {record.houses_present} 户", record.houses_entitled),
        (f"同意 {record.yes}", record.yes),
        (f"不同意 {record.no}", record.no),
        (f"弃权 {record.abstain}", record.abstain),
        (f"回避 {record.recused}", record.recused or None),
    ]
    return "，".join(words for words, figure in counted if figure is not None)


def notice_words(decision: Decision, gate: Gate) -> tuple[list[str], list[list[str]]]:
    """Columns and lines of the decision's notice; people stand on it by masked names only."""
    if decision.kind.effect == DecisionKind.Effect.APPOINT:
        nominees = decision.nominees.select_related("resident").order_by("pk")
        return ["聚居点", "职务", "姓名（脱敏）"], [
            [str(decision.unit), nominee.get_duty_display(), mask_name(nominee.resident.name)] for nominee in nominees
        ]
    if decision.kind.effect == DecisionKind.Effect.COVENANT:
        clauses = Clause.objects.filter(version__decision=decision).order_by("number")
        return ["第几条", "内容"], [[str(clause), clause.text] for clause in clauses]
    lines = [["编号", decision.number], ["提议事项", decision.title], ["动议事由", decision.purpose]]
    if decision.money_fen is not None:
        lines.append(["金额（元）", decision.money])
    for record in _standing(decision):
        words = figures_words(record) or record.text
        lines.append([record.gate.name, f"{record.held_on}，{words}" if words else str(record.held_on)])
    return ["项目", "内容"], lines


def _standing(decision: Decision) -> list[GateRecord]:
    """The last attempt at each gate that has one."""
    last: dict[int, GateRecord] = {}
    for record in decision.records.select_related("gate").order_by("position", "attempt"):
        last[record.position] = record
    return list(last.values())

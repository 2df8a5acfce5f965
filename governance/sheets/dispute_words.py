"""The closed lists of a 矛盾纠纷台账: what its words of status, filing, risk and source mean; what no list holds is looked at."""

from __future__ import annotations

import datetime as dt
import re

from governance.sheets.cells import CLEAN, EMPTY, LOOK, Cleaned, raw_text, tidy
from governance.sheets.dates import clean_date
from governance.sheets.reader import Cell

OPEN, AGREED, FAILED = "正在调解", "达成协议", "未达成协议"
TOWNSHIP, COURT = "township", "court"
FILED, UNFILED = "已归档", "未归档"


def _list(value: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), value)


RESULTS = (
    _list(
        OPEN,
        "正在调解 正在调处 正在化解 正在办理 正在处理 正在处置 正在协商 正在跟进 调解中 调处中 化解中 办理中 处理中 处置中 协商中 跟进中 "
        "稳控中 持续稳控 跟进 持续跟进 "
        "未化解 尚未化解 暂未化解 没有化解 未调解 未调处 未办结 尚未办结 待化解 待调解 待调处 待处理 待办 否 × ✗ ✘ X x N",
    )
    | _list(
        AGREED,
        "达成协议 达成调解协议 达成一致 达成和解 达成书面协议 达成口头协议 书面协议 口头协议 签订协议 签订调解协议 调解达成协议 "
        "调解成功 调处成功 化解成功 成功化解 成功调解 成功调处 调解完毕 调处完毕 化解完毕 化解 调解 调处 和解 调结 调解结束 "
        "握手言和 和好 言归于好 达成谅解 "
        "办结 结案 销案 销号 处理 办理完毕 处理完毕 解决 成功 完成 √ ✓ ✔ 是 Y 当场化解 就地化解",
    )
    | _list(
        FAILED,
        "未达成协议 未达成 未达成一致 没有达成协议 调解失败 调处失败 化解失败 失败 调解不成 调处不成 调解不成功 调处不成功 调解未成功 "
        "调解未成 不成功 调解终止 终止调解 "
        "移交司法所 移送司法所 转司法所 转交司法所 上报司法所 "
        "引导诉讼 司法引导 引导司法途径 引导走司法途径 引导走法律途径 引导走司法程序 引导走诉讼程序 "
        "走司法程序 走法律程序 走法律途径 走司法途径 移交法院 起诉 诉讼 向法院起诉 法院起诉 进入诉讼程序 进入司法程序",
    )
)  # fmt: skip
_STILL = frozenset(["未化解", "尚未化解", "暂未化解", "没有化解", "未调解", "未调处", "否", "×", "✗", "✘", "X", "x", "N"])
_FIELD_OF_FILING = _list(FILED, "已归档 归档 已归 是 √ ✓ ✔ 有 Y 已装订归档 已结案归档 已装卷") | _list(
    UNFILED, "未归档 没有归档 尚未归档 待归档 未归 否 × ✗ ✘ X x N 无 归档中 正在归档"
)
SOURCES = {
    word: source
    for source, words in (
        ("巡查发现", "巡查发现 巡查 排查 日常排查 网格排查 网格巡查 排查发现 摸排 日常巡查 网格员发现 干部排查"),
        ("群众反映", "群众反映 群众 当事人申请 申请 主动申请 来访 群众来访 群众举报 村民反映 上门反映 当事人来访"),
        ("走访", "走访 入户走访 走访发现 入户"),
        ("上级交办", "上级交办 交办 移送 转办 上级转办 镇交办 上级移送 部门移送"),
        ("电话", "电话 来电 电话反映 热线 12345 12345热线"),
        ("其他", "其他 其它"),
    )
    for word in words.split()
}
RISKS = {
    word: risk
    for risk, words in (
        ("红", "红 红色 高 重大 高风险 红色预警 高度"),
        ("黄", "黄 黄色 中 较大 中风险 中等 黄色预警"),
        ("绿", "绿 绿色 低 一般 低风险 简单 绿色预警"),
    )
    for word in words.split()
}
_CLAUSES = re.compile(r"[，,。；;、/\n（()）\s]+")
_BEFORE = re.compile(r"^(?:经过?(?:村委会|村调委会|调委会|镇村|多次|村干部|网格员)?|目前|现在?|双方|当事人|均|都|已经|已)+")
_UNSURE = re.compile(r"[未没不待尚拟将但或？?]|正在|准备|部分|基本|中$|反复")
_COURT = re.compile(r"诉讼|起诉|法院|司法途径|司法程序|司法引导|法律")
_RELAPSE = re.compile(r"反复|复发|反悔|再次|又(?:起|发|闹|争|吵)|不履行|没有履行|未履行")
_NO_RELAPSE = re.compile(r"(?:无|未|没有|没|未再|未出现|未发生|无任何)(?:出现|发生|再次?)?(?:反复|复发|反悔)")


def clean_result(cell: Cell) -> Cleaned:
    """正在调解, 达成协议 or 未达成协议. 未化解 is looked at and stays open; so does a word that is on no list."""
    text = tidy(raw_text(cell))
    if not text:
        return EMPTY
    clauses = _clauses(text)
    found = {RESULTS[clause] for clause in clauses if clause in RESULTS}
    others = [clause for clause in clauses if clause not in RESULTS]
    if len(found) != 1 or any(_UNSURE.search(clause) for clause in others):
        return Cleaned(None, LOOK, f"不认识的调处结果“{text}”，按正在调解导入，请核对")
    value = found.pop()
    if any(clause in _STILL for clause in clauses):
        return Cleaned(value, LOOK, f"“{text}”按还没有化解处理，请核对")
    return Cleaned(value) if value == raw_text(cell) else Cleaned(value, CLEAN, f"“{text}”按“{value}”处理")


def _clauses(text: str) -> list[str]:
    """Its parts without what stands before the word (经调解, 双方, 已), where the rest is on the list."""
    parts = [part for part in _CLAUSES.split(text) if part]
    bare = [_BEFORE.sub("", part) for part in parts]
    return [short if part not in RESULTS and short in RESULTS else part for part, short in zip(parts, bare, strict=True)]


def tier_of(text: str) -> str | None:
    """Where a failed mediation went, as its words say: COURT, TOWNSHIP (移交司法所), or None."""
    if _COURT.search(text):
        return COURT
    return TOWNSHIP if "司法所" in text else None


def clean_filed(cell: Cell) -> Cleaned:
    """已归档, 未归档, or the day of filing."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    if value := _FIELD_OF_FILING.get(text):
        return Cleaned(value) if value == raw_text(cell) else Cleaned(value, CLEAN, f"“{text}”按“{value}”处理")
    day = clean_date(cell)
    if isinstance(day.value, dt.date):
        return day
    return Cleaned(None, LOOK, f"不认识的归档情况“{text}”，按未归档导入，请核对")


def says_filed(text: str) -> bool:
    """Whether free text has 已归档 as words of its own: 未归档 does not."""
    return any(_FIELD_OF_FILING.get(part) == FILED and "归" in part for part in _CLAUSES.split(tidy(text)))


def clean_risk(cell: Cell) -> Cleaned:
    return _chosen(cell, RISKS, "风险等级", "绿")


def clean_source(cell: Cell) -> Cleaned:
    return _chosen(cell, SOURCES, "来源", "其他")


def _chosen(cell: Cell, words: dict[str, str], what: str, otherwise: str) -> Cleaned:
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    if text not in words:
        return Cleaned(otherwise, LOOK, f"不认识的{what}“{text}”，按“{otherwise}”导入，请核对")
    return Cleaned(words[text]) if words[text] == raw_text(cell) else Cleaned(words[text], CLEAN, f"统一写成“{words[text]}”")


def tells_relapse(text: str) -> bool:
    """Whether a return visit's words speak of a relapse (有反复), and not of none (无反复)."""
    return bool(_RELAPSE.search(_NO_RELAPSE.sub("", text)))

"""What a clause of a covenant may touch that a covenant cannot take: entitlements, fines, personal freedom (plan §三.2 居民公约). Pure.

A mark is a reason to look, never a verdict: the township says of each why it may stand, or the clause is changed.
"""

from __future__ import annotations

import re

LONGEST, MOST_CLAUSES = 500, 60

_FREEDOM = (
    r"停水|停电|断水|断电|断气|扣押|限制.{0,4}(出入|外出|人身)|不(准|许|得)(出村|进村|回村|外出)|游街|示众|搜(身|家|查)"
    r"|不得(结婚|离婚|生育|外出)"
)
_ENTITLED = "补贴|补助|低保|五保|救助|分红|待遇|养老金|救济|慰问"
_BENEFIT = (
    r"(取消|停发|停止|扣发|扣减|暂停|不得享受|不享受|不予(发放|享受|办理|申报))|资格.{0,6}(取消|不予)"
    rf"|(停|扣|减|不给|不发|不得|不能|不许|不准|不评|收回|没有).{{0,8}}({_ENTITLED})"
)
_SUM = r"(\d+|[一二两三四五六七八九十百千]+)\s*元"
_FINE = (
    r"罚款|罚金|处罚|没收|违约金|滞纳金|罚.{0,6}元|交纳?.{0,4}押金|赔偿.{0,4}倍"
    rf"|(不|未|没有|违反|拒|迟到|缺席|逾期).{{0,30}}(交|缴|扣|付|出).{{0,6}}{_SUM}"
)
TOWN, NEVER = "town", r"(?!)"  # marked by the township by hand, never by a pattern
MARKS = {
    "benefit": ("待遇补贴", _BENEFIT),
    "fine": ("罚款处罚", _FINE),
    "freedom": ("人身自由和基本生活", _FREEDOM),
    TOWN: ("镇里要求改的", NEVER),
    "paper": ("证明和办事", r"不(予|给|得)(开具|出具|盖章|开证明)|拒绝(开具|办理|盖章)|不(予|给|得|能)?办.{0,4}(手续|证|业务)"),
}
"""Code → (what it touches, how it reads)."""

_NUMBER = re.compile(r"^\s*(第[一二三四五六七八九十百零〇\d]+条|[（(]?[一二三四五六七八九十百\d]+[)）、.．])\s*[:：、]?\s*")

_TITLE = re.compile(r"[^，。；：、,.;:]{2,55}(公约|民约|制度|章程|办法|守则)")


def clauses_of(text: str) -> list[str]:
    """The clauses of a text, one a line, without the numbers that stand before them. Raises ValueError in Chinese."""
    clauses = [_NUMBER.sub("", line).strip() for line in text.splitlines()]
    clauses = [clause for clause in clauses if clause]
    if not clauses:
        raise ValueError("请写条款，一行一条。")
    if len(clauses) > MOST_CLAUSES:
        raise ValueError(f"条款最多 {MOST_CLAUSES} 条，现在有 {len(clauses)} 条。")
    for number, clause in enumerate(clauses, 1):
        if len(clause) > LONGEST:
            raise ValueError(f"第 {number} 条有 {len(clause)} 字，最多 {LONGEST} 字，请分成几条。")
        if clause in clauses[: number - 1]:
            raise ValueError(f"第 {number} 条与第 {clauses.index(clause) + 1} 条相同。")
    return clauses


def name_and_clauses(paragraphs: list[str]) -> tuple[str, list[str]]:
    """The name that stands above the clauses, "" where none does, and the clauses; no paragraph is left out."""
    head = paragraphs[0] if paragraphs else ""
    return (head, paragraphs[1:]) if len(paragraphs) > 1 and _TITLE.fullmatch(head) else ("", paragraphs)


def marks_of(clause: str) -> list[str]:
    """The codes of what a clause may touch."""
    return [code for code, (_, words) in MARKS.items() if re.search(words, clause)]


def mark_words(codes: str) -> str:
    """“待遇补贴、罚款处罚” for "benefit fine"."""
    return "、".join(MARKS[code][0] for code in codes.split() if code in MARKS)

"""docs/compliance.md says of every item where it is proved, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/compliance.md").read_text(encoding="utf-8")
LINK = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
MARKED = re.compile(r"\*\*(运营者职责|不适用)\*\*: [^|]{10,}\.")
HEADS = ("Item", "Article", "---")
# By chapter of the page: what must have a line.
ASKED = {
    "安全计算环境": (
        "身份鉴别 访问控制 安全审计 入侵防范 恶意代码防范 可信验证 数据完整性 数据保密性 数据备份恢复 剩余信息保护 个人信息保护"
    ),
    "安全管理中心": "系统管理 审计管理",
}
ARTICLES = {*range(5, 11), *range(13, 59)}  # 11 and 12 speak to the State, not to a handler


def rows() -> list[list[str]]:
    """The cells of each line of each table."""
    lines = [line.strip().strip("|").split(" | ") for line in PAGE.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines if not line[0].strip().startswith(HEADS)]


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_each_item_is_proved_or_marked(row: list[str]) -> None:
    item, clause, proof = row
    assert item and re.search("[一-鿿]", clause), "each has its Chinese name"
    rest = LINK.sub("", proof).strip()
    assert (LINK.search(proof) and not rest) or MARKED.fullmatch(proof), f"neither tests nor a mark: {proof}"
    for path, name in LINK.findall(proof):
        assert (ROOT / path).is_file(), path
        assert name in functions_of(path), f"{path} has no {name}"


def test_no_item_is_missing() -> None:
    parts = dict(re.findall(r"\n## 等保2.0 second level: (\S+)\n(.*?)(?=\n## )", PAGE, re.DOTALL))
    for chapter, asked in ASKED.items():
        assert [word for word in asked.split() if f"| {word}" not in parts[chapter]] == [], chapter
    found = set[int]()
    for item, *_ in rows():
        if match := re.match(r"(\d+)(?:–(\d+))? ", item):
            found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    assert found == ARTICLES


def test_no_other_mark_stands_there() -> None:
    assert set(re.findall(r"\*\*([^*]+)\*\*", PAGE)) == {"运营者职责", "不适用"}

"""The ledgers of 石桥镇, a township of twelve villages that its first day brings along: as .csv, everybody invented."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from tests.sheets.messy import make_id

NAMES = ("石桥社区居委会", "青杠", "黄桷", "水井", "龙洞", "高坪", "堰塘", "核桃", "松林", "月亮", "双河", "桃园")
VILLAGES = ("石桥社区", *(f"{name}村" for name in NAMES[1:]))
CODES = "511929101000 石桥镇\n" + "\n".join(
    f"511929101{1 if number == 0 else 200 + number:03d} {name if number == 0 else name + '村委会'}" for number, name in enumerate(NAMES)
)
HOMES = 4
YARDS = (("1组", "柏树院"), ("2组", "李家湾"))
DUTIES = ("院户长", "政策宣传员", "矛盾纠纷调解员", "环境卫生监督员", "社情民意信息员")
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴徐孙", "国建华秀"
TOWN = (("文敏", "镇工作人员"), ("钟诚", "党委书记"), ("冯洁", "督查员"))
LOGINS = {"staff": "wenmin", "secretary": "wangshuping", "cadre": "wangwenshu"}


def heads() -> list[tuple[int, int, str]]:
    """(village, house number, head of the household): the names of a village are all different."""
    return [(v, n, f"{_SURNAMES[v]}{_GIVEN[n]}{_GIVEN[(n + v) % HOMES]}") for v in range(len(VILLAGES)) for n in range(HOMES)]


def units() -> bytes:
    return _csv(("代码", "名称"), [line.split() for line in CODES.splitlines()])


def roster() -> bytes:
    """One person a household; the first two in one yard, the others in another."""
    rows = []
    for v, n, name in heads():
        number = make_id(date(1970, 1 + v, 1 + n), 101 + 2 * n)
        rows.append((VILLAGES[v], *YARDS[n // 2], n + 1, name, name, "户主", "男", number, f"154000{v:02d}{n:03d}"))
    return _csv(("村", "村民小组", "院落", "户号", "户主姓名", "姓名", "与户主关系", "性别", "身份证号码", "联系电话"), rows)


def accounts() -> bytes:
    """The township's people, then a secretary and a cadre of each village."""
    rows = [(name, f"1541000000{n}", duty, "石桥镇") for n, (name, duty) in enumerate(TOWN)]
    for v, village in enumerate(VILLAGES):
        rows.append((f"{_SURNAMES[v]}书平", f"154100001{v:02d}", "村党组织书记", village))
        rows.append((f"{_SURNAMES[v]}文书", f"154100002{v:02d}", "文书", village))
    return _csv(("姓名", "电话", "职务", "单位"), rows)


def officers() -> bytes:
    """A row for each yard of the first group: two posts are held, three are vacant."""
    named = {v: [name for village, _, name in heads() if village == v][:2] for v in range(len(VILLAGES))}
    return _csv(("村", "组", "院落", *DUTIES), [(VILLAGES[v], *YARDS[0], *names, "空缺", "空缺", "空缺") for v, names in named.items()])


def panels() -> bytes:
    return _csv(("村", "姓名", "户号"), [(VILLAGES[v], name, n + 1) for v, n, name in heads()])


def points(on: date) -> bytes:
    """A past deed of the first household of each village."""
    rows = [(VILLAGES[v], n + 1, name, "参与志愿服务", on, "5") for v, n, name in heads() if n == 0]
    return _csv(("村", "户号", "户主", "积分事由", "发生日期", "分值"), rows)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    return "\n".join(",".join(str(cell) for cell in row) for row in (headings, *rows)).encode("utf-8-sig")

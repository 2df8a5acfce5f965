"""What the demo's villages disclose, item by item: rows under the catalogue's headings, names masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from governance.demo.households import Home
from governance.privacy import mask_name

Row = list[str]
Rows = Callable[[Random, Sequence[Home]], list[Row]]


def numbered(rows: Sequence[Sequence[str]]) -> list[Row]:
    return [[str(number), *row] for number, row in enumerate(rows, 1)]


def _yuan(rng: Random, low: int, high: int) -> str:
    return str(rng.randrange(low, high, 10))


def _people(rng: Random, homes: Sequence[Home], number: int) -> list[str]:
    return [mask_name(home.household.head_name) for home in rng.sample(list(homes), min(number, len(homes)))]


def _aid(rng: Random, homes: Sequence[Home]) -> list[Row]:
    kinds = ("低保", "低保", "低保", "特困")
    return [[name, rng.choice(kinds), str(rng.randint(1, 3)), str(rng.choice((420, 480, 560)))] for name in _people(rng, homes, 6)]


def _subsidies(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [[name, "耕地地力保护补贴", f"{rng.randint(2, 9)} 亩", _yuan(rng, 160, 900)] for name in _people(rng, homes, 8)]


def _land(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [[name, str(rng.choice((120, 150, 180))), rng.choice(("新建", "改建")), "同意上报"] for name in _people(rng, homes, 2)]


def _money(rng: Random, homes: Sequence[Home]) -> list[Row]:
    income = [(what, _yuan(rng, 2000, 20000), "", "") for what in ("集体土地发包", "门面出租")]
    spent = [(what, "", _yuan(rng, 300, 4000), "") for what in ("路灯电费", "环境卫生保洁", "办公费")]
    return [list(row) for row in (*income, *spent)]


def _book(rng: Random, homes: Sequence[Home]) -> list[Row]:
    spent = [(f"{day} 日", what, "", _yuan(rng, 60, 1500)) for day, what in ((6, "保洁工具"), (15, "路灯维修"), (24, "会议用品"))]
    return [["3 日", "门面租金", _yuan(rng, 600, 2400), ""], *map(list, spent)]


def _party(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [["支部党员大会", "每季度第一个月", "已召开"], ["主题党日", "每月 5 日", "已开展"], ["走访困难党员", "季度内", "已完成"]]


def _members(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [["入党积极分子", f"{rng.randint(1, 3)} 名", "培养考察中"], ["党费收缴", f"{_yuan(rng, 600, 2400)} 元", "按月上缴镇党委"]]


def _pay(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [["村党组织书记、主任", "1", _yuan(rng, 30000, 36000)], ["村“两委”其他干部", "3", _yuan(rng, 66000, 78000)]]


def _assets(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [["集体门面", "3 间", _yuan(rng, 180000, 320000), "出租"], ["应付工程款", "1 笔", _yuan(rng, 8000, 30000), "下年付清"]]


def _shop(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [
        [what, str(got), str(used), "0", str(got - used)]
        for what in ("洗衣液（瓶）", "食用油（桶）", "毛巾（条）")
        for got in (rng.randint(20, 40),)
        for used in (rng.randint(5, 20),)
    ]


def _votes(rng: Random, homes: Sequence[Home]) -> list[Row]:
    due = rng.randint(28, 42)
    return [["修整院坝便道", str(due), str(due - rng.randint(1, 6)), "过半数同意，通过"]]


def _works(rng: Random, homes: Sequence[Home]) -> list[Row]:
    return [["院坝便道硬化", _yuan(rng, 60000, 160000), "县内有资质的施工企业", rng.choice(("已开工", "已验收"))]]


ROWS: dict[str, Rows] = {
    "dang-gongzuo": _party, "dang-fazhan": _members, "jueyi": _votes, "xiangmu": _works, "dibao": _aid, "buzhu": _subsidies,
    "zhaiji": _land, "baochou": _pay, "chaoshi": _shop, "shouzhi": _money, "mingxi": _book, "zichan": _assets,
}  # fmt: skip
EVENTS = (("jueyi", 3, 12, "修整院坝便道"), ("xiangmu", 5, 20, "院坝便道硬化"), ("zhaiji", 7, 8, "宅基地申请"))
NOTE = {"dang-zeren": "年度工作计划和总结张贴在村党务公开栏，可到村便民服务点查看。"}
QUESTIONS = (
    ("路灯电费为什么比上季度多？", "夏季天黑得晚但开灯时间没有调，已请电工重设，明细可到村里查。"),
    ("门面租金是怎么定的？", "由集体经济组织成员会议定底价，公开比价后签的合同，合同可以看。"),
    ("保洁费是付给谁的？", "付给镇里招标的保洁公司，按月结算。"),
    ("便道什么时候修到我们院子？", ""),
)
ACTIVITIES = {
    "show": ("坝坝文艺晚会", "文化广场"), "policy": ("惠农政策宣讲", "村便民服务中心"), "training": ("柑橘管护培训", "果园"),
    "health": ("义诊和血压测量", "村卫生室"), "law_talk": ("婚姻家庭法律讲座", "村会议室"), "law_home": ("法律进院坝", "院坝"),
}  # fmt: skip
ASKED = ("高龄补贴怎么领", "彩礼退不退怎么算", "果树黄叶用什么药", "慢性病买药能不能报销", "")

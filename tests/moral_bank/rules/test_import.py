"""Published rules into a draft: 745 rows without loss or with the reason, codes that stay, nothing twice (M22)."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from governance.sheets.limits import SheetError
from governance.sheets.rule_figures import Unreadable, read_caps, read_points
from governance.sheets.rules import LABELS, OFFICERS, PARTS, head_of
from moral_bank.models import BankImport
from moral_bank.rules.models import Deed, Head, RuleSet
from moral_bank.rules.services import RuleError, deed_remove, rule_set_copy
from moral_bank.rules.sheet_import import RULE_IMPORT
from tests.builders import make_deed
from tests.moral_bank.closings.house import ClosingHouse, noon

PUBLISHED = Path(__file__).resolve().parents[3] / "data/rules/published_rules.csv"


@pytest.fixture
def house(db: None) -> ClosingHouse:
    return ClosingHouse(households=1)


def draft_of(house: ClosingHouse, month: int = 5) -> RuleSet:
    return rule_set_copy(rule_set=house.rule_set, valid_from=date(2026, month, 1), by=house.cast["staff"])


def read(house: ClosingHouse, draft: RuleSet, data: bytes, name: str = "细则.csv") -> BankImport:
    return RULE_IMPORT.read(file=data, filename=name, rule_set=draft, by=house.cast["staff"])


def commit(house: ClosingHouse, found: BankImport, include_look: bool = True) -> tuple[int, int, int]:
    outcome = RULE_IMPORT.commit(found, include_look=include_look, by=house.cast["staff"])
    return outcome.new, outcome.same, outcome.left_out


def sheet(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def published(deed: Deed) -> tuple[str, ...]:
    """The published row, made again from the deed alone: place, system, category, deed, min, max, unit, note, audience,
    source."""
    place, system, source = deed.source.split(PARTS, 2)
    high = deed.score if deed.score_high is None else deed.score_high
    ends = (f"{deed.score}.0", f"{high}.0")
    return (place, system, deed.category, deed.name, *ends, deed.unit, deed.note, deed.audience, source)


def test_it_takes_745_published_rules_without_loss_or_says_why_not(house: ClosingHouse) -> None:
    with PUBLISHED.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = ("place", "system", "category", "deed", "points_min", "points_max", "unit", "cap_or_note", "audience", "source")
    draft = draft_of(house)
    before = set(draft.deeds.values_list("pk", flat=True))
    found = read(house, draft, PUBLISHED.read_bytes(), PUBLISHED.name)
    assert commit(house, found) == (729, 0, 16)
    left_out = {item.row.row_number - 2: item.row.reason for item in found_again(found).judged().rows}
    made = [published(deed) for deed in draft.deeds.exclude(pk__in=before).order_by("pk")]
    wanted = [tuple(row[name] for name in names) for number, row in enumerate(rows) if number not in left_out]
    assert (len(rows), len(made), len(left_out)) == (745, 729, 16)
    assert made == wanted
    for number, reason in left_out.items():
        raw = rows[number]["points_raw"]
        twin = rows[number - 1]
        assert ("是等级升降" in reason and raw.startswith("降")) or ("不是整数" in reason and raw == "+0.1至+0.9") or (
            f"和第 {number + 1} 行重复" in reason and twin == rows[number]
        )


def found_again(found: BankImport) -> BankImport:
    return BankImport.objects.get(pk=found.pk)


def test_it_writes_nothing_new_for_the_same_file(house: ClosingHouse) -> None:
    data = PUBLISHED.read_bytes()
    first, second = draft_of(house), draft_of(house, 6)
    commit(house, read(house, first, data))
    again = read(house, first, data)
    assert (again.counts["new"], again.counts["same"]) == (0, 729)
    assert commit(house, again) == (0, 729, 16)
    commit(house, read(house, second, data))
    codes = [dict(draft.deeds.values_list("code", "name")) for draft in (first, second)]
    assert codes[0] == codes[1], "the same file gives the same codes"
    assert {code for code in codes[0] if code.startswith("W")} >= {"W001", "W011"}
    third = rule_set_copy(rule_set=first, valid_from=date(2026, 7, 1), by=house.cast["staff"])
    assert commit(house, read(house, third, data)) == (0, 729, 16)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+5", (5, None, "")),
        ("-10", (-10, None, "")),
        ("加5分", (5, None, "")),
        ("扣10分", (-10, None, "")),
        ("加20", (20, None, "")),
        ("5", (5, None, "")),
        ("＋５分", (5, None, "")),
        ("+1至+10", (1, 10, "")),
        ("+1至20", (1, 20, "")),
        ("加1—20分", (1, 20, "")),
        ("3~5分", (3, 5, "")),
        ("-10至-50", (-50, -10, "")),
        ("扣5-10分", (-10, -5, "")),
        ("-5至+5", (-5, 5, "")),
        ("减5至10分", (-10, -5, "")),
        ("每起5分", (5, None, "起")),
        ("每小时5分", (5, None, "小时")),
        ("每小时加1分", (1, None, "小时")),
        ("2分/小时", (2, None, "小时")),
    ],
)
def test_it_reads_points_as_they_are_printed(text: str, found: tuple[object, ...]) -> None:
    assert read_points(text) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("降B级", "等级升降"),
        ("+0.1至+0.9", "不是整数"),
        ("0", "分值为 0"),
        ("酌情", "看不懂"),
        ("", "没有写"),
        ("+99999", "超过"),
        ("5/3/1", "看不懂"),
        ("+5/-5", "看不懂"),
        ("5分/10分", "看不懂"),
        ("每次最高5分", "上限或起点"),
        ("每月最多5分", "上限或起点"),
        ("每年限10分", "上限或起点"),
        ("5分起", "上限或起点"),
        ("10分以内", "上限或起点"),
        ("-5~10", "写作 -5至[+]10"),
        ("-5至5", "看不出第二个数是加还是扣"),
    ],
)
def test_it_says_why_points_are_none(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_points(text)


@pytest.mark.parametrize(
    ("note", "caps"),
    [
        ("每年最多加40分", {"year": 40}),
        ("捐款每年最多加40分", {"year": 40}),
        ("每月最多1分", {"month": 1}),
        ("每年最多奖10分", {"year": 10}),
        ("每季度不超过6分，每年上限20分", {"quarter": 6, "year": 20}),
        ("每年最多2次", {}),
        ("家庭成员每季度", {}),
        ("每人每年最多加40分", {}),
        ("每月10分", {"month": 10}),
        ("年上限：40", {"year": 40}),
        ("每月10分，另加奖品", {}),
    ],
)
def test_it_reads_caps_from_words(note: str, caps: dict[str, int]) -> None:
    assert read_caps(note) == caps


def test_it_says_the_words_of_the_rules_themselves() -> None:
    assert {label: key for key, label in Deed.VERIFIERS} == OFFICERS


def test_it_finds_the_head_by_the_category() -> None:
    assert [head_of(label) for label in LABELS.values()] == list(LABELS)
    assert {key: str(Head(key).label) for key in LABELS} == LABELS
    assert head_of("守信信息/志愿服务（社区服务、农村服务）") == "service"
    assert head_of("社会管理领域失信信息/行政处罚") == "law"
    assert head_of("国防建设") is None


def test_it_judges_a_messy_sheet_row_by_row(house: ClosingHouse) -> None:
    draft = draft_of(house)
    data = sheet(
        "某镇积分细则",
        "序号,积分类别,积分事项,分值,备注",
        "1,环境卫生,庭院 干净,加5分,每月最多10分",
        "2,,参加活动,+2,",
        "3,志愿服务,劳动,每小时1分,",
        f"4,志愿服务,{'长' * 201},+1,",
        "5,平安,打架,扣20分,每年最多扣40分",
        "6,平安,打架,扣20分,每年最多扣40分",
        "合计,,,,",
    )
    found = read(house, draft, data)
    assert [found.counts[level] for level in ("take", "clean", "look", "refuse")] == [2, 0, 2, 2]
    reasons = {item.row.row_number: item.row.reason for item in found.judged().rows if item.row.reason}
    assert reasons == {
        4: "B4 请核对类别：“空白”先归入文明创建",
        6: "C6 超过 200 字",
        7: "E7 扣分事项不设上限，只保留文字",
        8: "C8 和第 7 行重复；E8 扣分事项不设上限，只保留文字",
    }
    assert commit(house, found, include_look=False) == (2, 0, 4)
    clean, hours = draft.deeds.get(name="庭院 干净"), draft.deeds.get(name="劳动")
    assert (clean.head, clean.score, clean.points, clean.cap_month, clean.code) == ("sanitation", 5, 5, 10, "W001")
    assert (hours.unit, hours.by_quantity, hours.verifier) == ("小时", True, "yard_head")
    assert commit(house, found, include_look=True) == (2, 0, 4), "a second time does nothing"


def test_it_asks_for_a_look_where_a_cap_is_per_person(house: ClosingHouse) -> None:
    draft = draft_of(house)
    found = read(house, draft, sheet("事项,分值,类别,备注", "献血,加5分,志愿服务,每人每年最多加40分"))
    assert [item.row.reason for item in found.judged().rows] == ["D2 请核对：上限按人计，这里的上限按户计，未设上限"]
    assert commit(house, found) == (1, 0, 0)
    assert draft.deeds.get(name="献血").cap_year is None


def test_it_judges_its_own_columns(house: ClosingHouse) -> None:
    draft = draft_of(house)
    data = sheet(
        "编号,五类,事项,评分,评分上限,可兑积分,核实人,一票否决,按数量计分,每户每月上限",
        "X1,志愿服务,甲,5,,2,村党组织书记,,,",
        "X2,好人好事,乙,5,,,村民代表,,,",
        "X3,志愿服务,丙,-5,,5,,是,,",
        "X4,志愿服务,丁,1,5,,,,是,",
        "X5,志愿服务,戊,1,,,,取消,,十",
        "S1,志愿服务,己,1,,,,,,",
    )
    found = read(house, draft, data)
    assert {item.row.row_number: item.row.reason for item in found.judged().rows if item.row.reason} == {
        3: "B3 不认识的类别“好人好事”，先归入文明创建；G3 不认识的核实人“村民代表”，先由政策宣传员核实",
        4: "F4 扣分事项不扣积分，请写 0 或留空",
        5: "I5 评定的分值不能按数量计分",
        6: "H6 请写“是”或“否”；J6 不是 0 到 9999 的整数",
    }
    assert commit(house, found) == (3, 0, 3)
    made = draft.deeds.filter(name__in="甲乙己").order_by("name").values_list("name", "code", "head", "points", "verifier")
    assert set(made) == {
        ("甲", "X1", "service", 2, "secretary"),
        ("乙", "X2", "civility", 5, "publicist"),
        ("己", "S002", "service", 1, "yard_head"),
    }


def test_it_asks_for_a_look_where_the_draft_has_the_name_with_other_figures(house: ClosingHouse) -> None:
    found = read(house, draft_of(house), sheet("事项,分值", "参加志愿服务,加6分"))
    (item,) = found.judged().rows
    assert item.row.verdict == "look" and "细则里已有同名事项（S1），内容不同" in item.row.reason


def test_it_compares_with_the_draft_anew_before_it_writes(house: ClosingHouse) -> None:
    draft = draft_of(house)
    found = read(house, draft, sheet("类别,事项,分值", "志愿服务,好事,加5分", "平安,坏事,扣5分"))
    make_deed(draft, "N1", Head.CIVILITY, "好事", 3)
    assert commit(house, found, include_look=False) == (1, 0, 1)
    assert "内容不同" in found_again(found).judged().rows[0].row.reason and draft.deeds.get(name="好事").score == 3


def test_it_gives_no_deed_the_code_of_another_that_once_counted(house: ClosingHouse) -> None:
    draft, staff = draft_of(house), house.cast["staff"]
    make_deed(draft, "W007", Head.SANITATION, "垃圾不分类", -10)
    RuleSet.objects.filter(pk=draft.pk).update(state="adopted", adopted_at=noon(2026, 4, 20))
    third = draft_of(house, 6)
    fourth = rule_set_copy(rule_set=draft, valid_from=date(2026, 7, 1), by=staff)
    deed_remove(deed=fourth.deeds.get(code="W007"), by=staff)
    for version in (third, fourth):
        commit(house, read(house, version, sheet("编号,事项,分值,类别", "1,庭院示范户,+20,环境卫生")))
        assert version.deeds.get(name="庭院示范户").code == "W008"
    commit(house, read(house, third, sheet("编号,五类,事项,评分", "W007,环境卫生评比,垃圾不分类,-15", "W008,环境卫生评比,别的事,1")))
    assert third.deeds.get(code="W007").score == -15, "its own code it keeps"
    assert third.deeds.get(name="别的事").code == "W009"


def test_it_hands_back_what_it_left_out(house: ClosingHouse) -> None:
    found = read(house, draft_of(house), sheet("事项,分值", "好事,加5分", "坏事,降B级"))
    commit(house, found)
    stream = io.BytesIO()
    assert found_again(found).rejects(stream) == 1
    rows = list(openpyxl.load_workbook(stream).active.iter_rows(values_only=True))
    assert rows[-1] == ("坏事", "降B级", "细则", 3, "B3 “降B级”是等级升降，不是分值")


def test_it_maps_columns_anew_and_gives_up(house: ClosingHouse) -> None:
    draft = draft_of(house)
    found = read(house, draft, sheet("事项,分值,评价", "好事,加5分,志愿服务"))
    assert found.counts["look"] == 1
    found = RULE_IMPORT.remap(found, overrides={"评价": "category"}, by=house.cast["staff"])
    assert (found.counts["look"], found.counts["take"]) == (0, 1)
    with pytest.raises(RuleError, match="不认识"):
        RULE_IMPORT.remap(found, overrides={"评价": "nonsense"}, by=house.cast["staff"])
    assert RULE_IMPORT.discard(found, by=house.cast["staff"]).state == "discarded"
    with pytest.raises(RuleError, match="不能再办理"):
        commit(house, found)


def test_it_refuses_strangers_adopted_rules_and_other_tables(house: ClosingHouse) -> None:
    draft, data = draft_of(house), sheet("事项,分值", "好事,加5分")
    with pytest.raises(RuleError, match="不归您维护"):
        RULE_IMPORT.read(file=data, filename="a.csv", rule_set=draft, by=house.cast["secretary"])
    with pytest.raises(RuleError, match="不能修改"):
        read(house, house.rule_set, data)
    with pytest.raises(SheetError, match="没有找到表头"):
        read(house, draft, sheet("姓名,电话", "张三,1"))
    found = read(house, draft, data)
    with pytest.raises(RuleError, match="不在您可以办理的范围"):
        RULE_IMPORT.commit(found, by=house.cast["secretary"])

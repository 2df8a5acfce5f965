"""Tables are found under titles and two-row headings; whatever is no record is left out and named."""

import pytest

from governance.sheets.cells import LOOK, Cleaned, clean_text
from governance.sheets.headings import Field, HeadingMap, heading_key, map_headings
from governance.sheets.limits import SheetError
from governance.sheets.reader import Cell, Sheet
from governance.sheets.roster_fields import ROSTER_FIELDS
from governance.sheets.rows import clean_row
from governance.sheets.tables import HIDDEN_SHEETS, Table, find_table, read_tables
from governance.sheets.villagenames import VillageNames


def make_sheet(*rows: list[Cell], merged: list[tuple[int, int, int, int]] | None = None) -> Sheet:
    filled = {number: row for number, row in enumerate(rows, 1) if any(cell not in (None, "") for cell in row)}
    return Sheet("八一村", filled, merged or [])


def found(sheet: Sheet) -> Table:
    table = find_table(sheet, ROSTER_FIELDS)
    assert table is not None
    return table


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (" 姓　名* ", "姓名"),
        ("身份证\n号码（18位）", "身份证号码"),
        ("出生日期(年/月/日)", "出生日期"),
        ("3.户号", "户号"),
        ("三、户号：", "户号"),
        ("（姓名）", "（姓名）"),
        ("＊性别", "性别"),
    ],
)
def test_it_reduces_headings(text: str, key: str) -> None:
    assert heading_key(text) == key


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("户主/姓名", "head_name"),
        ("户主", "head_name"),
        ("家庭成员情况/姓名*", "name"),
        ("家庭成员/身份证号", "id_number"),
        ("公民身份号码", "id_number"),
        ("出生年月", "birth_date"),
        ("村/社区", "village"),
        ("家庭编号", "household_no"),
        ("村民组", "group"),
        ("院落", "settlement"),
        ("户类型(户口簿/共同居住)", "kind"),
        ("现居住地", "address"),
        ("联系方式", "phone"),
        ("与户主的关系", "relation"),
    ],
)
def test_it_knows_what_villages_call_a_column(heading: str, field: str) -> None:
    assert map_headings([heading], ROSTER_FIELDS).columns == {field: 0}


@pytest.mark.parametrize("heading", ["户主/身份证号码", "监护人/姓名", "紧急联系人/联系电话", "民族"])
def test_it_leaves_columns_about_others_unknown(heading: str) -> None:
    assert map_headings([heading], ROSTER_FIELDS).unknown == [heading]


def test_it_prefers_the_telling_heading_and_names_the_rest() -> None:
    mapping = map_headings(["姓名", "联系电话", "户籍地址", "手机号", "家庭住址", "血型"], ROSTER_FIELDS)
    assert mapping.columns == {"name": 0, "phone": 3, "address": 4}
    assert mapping.ambiguous == {"phone": ["手机号", "联系电话"], "address": ["家庭住址", "户籍地址"]}
    assert mapping.unknown == ["血型"]
    assert map_headings(["户号"], ROSTER_FIELDS).missing == ["姓名"]


def test_it_obeys_the_staff_over_the_synonyms() -> None:
    headings = ["姓名", "老表/名 字*", "联系电话", "手机号"]
    mapping = map_headings(headings, ROSTER_FIELDS, {"老表/名字": "name", "姓名": "", "联系电话": "phone"})
    assert mapping.columns == {"name": 1, "phone": 2}


def test_it_finds_a_two_row_heading_with_merged_cells_under_a_title() -> None:
    sheet = make_sheet(
        ["八一村花名册"],
        ["填报单位：", "某某村", "社区/村*"],
        ["序号", "户号", "户主", None, "家庭成员情况", None],
        [None, None, "姓名", "联系电话", "姓名", "性别"],
        [1.0, 1.0, "张三", None, "张三", "男"],
        [2.0, None, None, None, "李四", "女"],
        merged=[(1, 0, 1, 5), (3, 0, 4, 0), (3, 1, 4, 1), (3, 2, 3, 3), (3, 4, 3, 5), (5, 1, 6, 1), (5, 2, 6, 2)],
    )
    table = found(sheet)
    assert table.header_rows == (3, 4)
    assert table.headings == ["序号", "户号", "户主/姓名", "户主/联系电话", "家庭成员情况/姓名", "家庭成员情况/性别"]
    assert table.mapping.columns == {"household_no": 1, "head_name": 2, "name": 4, "sex": 5}
    assert table.rows[6] == [2.0, 1.0, "张三", None, "李四", "女"]
    assert table.titles == ["八一村花名册", "填报单位：", "某某村", "社区/村*"]


def test_it_keeps_to_the_heading_below_a_merged_title_when_the_staff_leave_columns_out() -> None:
    title: list[Cell] = ["八一村名册", None, None, None]
    sheet = make_sheet(title, ["姓名", "性别", "组别", "联系电话"], ["王小明", "男", "1组", "15400000001"], merged=[(1, 0, 1, 3)])
    table = find_table(sheet, ROSTER_FIELDS, {"性别": "", "联系电话": "", "组别": ""})
    assert table is not None
    assert (table.headings, list(table.mapping.columns), list(table.rows)) == (["姓名", "性别", "组别", "联系电话"], ["name"], [3])


def test_it_finds_a_two_row_heading_without_merged_cells() -> None:
    sheet = make_sheet(["户号", "家庭成员", "", ""], ["", "姓名", "性别", "备注"], ["1", "张三", "男"])
    table = found(sheet)
    assert table.headings == ["户号", "家庭成员/姓名", "家庭成员/性别", "家庭成员/备注"]
    assert table.rows == {3: ["1", "张三", "男", None]}


def test_it_takes_a_single_heading_row_without_its_title_or_data() -> None:
    table = found(make_sheet(["单位：八一村", "人口表"], ["姓名", "性别"], ["张三", "男"]))
    assert (table.header_rows, table.headings) == ((2,), ["姓名", "性别"])


def test_it_leaves_out_what_is_no_record_and_says_why() -> None:
    sheet = make_sheet(
        ["序号", "户号", "姓名", "性别"],
        [1.0, 2.0, 3.0, 4.0],
        [1.0, "1", "张三", "男"],
        [2.0],
        ["小　计", None, "1户"],
        ["序号", "户号", "姓名", "性别"],
        ["第一组合计：1人"],
        [3.0, "2", "计小平", "男"],
        ["备注：本表一式两份"],
        ["填表人：张三", None, "审核人：李四"],
        ["1.身份证号请逐人核对，不得遗漏"],
        ["检查人：", None, "复核人："],
    )
    table = found(sheet)
    assert list(table.rows) == [3, 8]
    reasons = {2: "栏号", 4: "空行", 5: "小计合计", 6: "重复的表头", 7: "小计合计", 9: "说明", 10: "说明", 11: "说明", 12: "说明"}
    assert table.skipped == reasons


def test_a_record_may_speak_of_sums_and_begin_like_a_note() -> None:
    fields = [Field("text", "事由", "事由", clean_text, required=True), Field("day", "日期", "日期", clean_text, required=True)]
    fields += [Field(word, word, word, clean_text) for word in ("村", "来源", "承办")]
    sheet = make_sheet(
        ["事由", "日期", "村", "来源", "承办"],
        ["补偿款合计3000元", "3月5日"],
        ["说明：争水", "3月5日"],
        ["工钱合计3000元未付", None, "八一村", "走访", "张三"],
        ["合计", None, "3件", "八一村", 5.0],
        ["说明：本表一式两份", None, "2026年4月", "西兴镇", "填表人"],
    )
    table = find_table(sheet, fields)
    assert table is not None and list(table.rows) == [2, 3, 4] and table.skipped == {5: "小计合计", 6: "说明"}


def test_a_line_that_counts_only_to_three_is_a_record() -> None:
    sheet = make_sheet(["序号", "户号", "户主", "姓名"], [1.0, 2.0, 3.0, "张三"], [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0])
    table = found(sheet)
    assert (list(table.rows), table.skipped) == ([2], {3: "栏号", 4: "栏号"})


def test_it_does_not_take_merged_blank_lines_for_people() -> None:
    sheet = make_sheet(["户号", "姓名"], ["1", "张三"], [None, None, "x"], merged=[(2, 0, 3, 0)])
    assert list(found(sheet).rows) == [2]


def test_it_finds_nothing_on_a_sheet_without_headings() -> None:
    assert find_table(make_sheet(["张三", "李四"], ["姓名"]), ROSTER_FIELDS) is None


def test_it_refuses_merged_ranges_beyond_reason() -> None:
    person: list[Cell] = ["张三", "男"]
    rows: list[list[Cell]] = [["姓名", "性别"], *([person] * 3000)]
    sheet = make_sheet(*rows, merged=[(1, 0, 1_048_576, 16_383)] * 1000)
    with pytest.raises(SheetError, match="合并单元格范围过大"):
        find_table(sheet, ROSTER_FIELDS)


NAMES = VillageNames(
    [
        ("511923102201", "八一村委会"),
        ("511923102217", "新农村委会"),
        ("511923102001", "西兴社区居民委员会"),
        ("511923102301", "高峰社区居民委员会"),
        ("511923102302", "高峰村村民委员会"),
    ]
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("八一村", "511923102201"),
        ("八一村委会", "511923102201"),
        ("八一村村委会", "511923102201"),
        ("八一", "511923102201"),
        ("01八一", "511923102201"),
        ("（1）八 一　村", "511923102201"),
        ("３.八一村", "511923102201"),
        ("511923102201", "511923102201"),
        ("511923102201八一", "511923102201"),
        ("新农村", "511923102217"),
        ("西兴社区", "511923102001"),
        ("西兴居委会", "511923102001"),
        ("高峰社区", "511923102301"),
        ("高峰村", "511923102302"),
        ("高峰", None),
        ("八二村", None),
        ("511923102299", None),
        ("Sheet1", None),
    ],
)
def test_it_knows_a_village_by_every_usual_spelling(text: str, code: str | None) -> None:
    assert NAMES.find(text) == code


def test_it_finds_one_village_within_a_title() -> None:
    assert NAMES.find_within("平昌县西兴镇八一村2024年花名册") == "511923102201"
    assert NAMES.find_within("八一村、高峰村花名册") is None


OWN_TOWN = VillageNames([("511923102201", "八一村委会"), ("511923102001", "西兴社区居民委员会")], ["平昌县", "西兴镇"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("西兴镇西兴社区", "511923102001"),
        ("平昌县西兴镇西兴社区", "511923102001"),
        ("四川省巴中市平昌县西兴镇八一村", "511923102201"),
        ("西兴社区", "511923102001"),
        ("西兴镇", None),
        ("响滩镇八一村", None),
        ("南江县西兴镇八一村", None),
    ],
)
def test_it_takes_the_own_town_before_a_village_and_no_other(text: str, code: str | None) -> None:
    assert OWN_TOWN.find(text) == code


def test_it_fills_marks_of_repetition_and_says_so() -> None:
    table = found(make_sheet(["村", "姓名", "住址"], ["八一村", "张三", "一组"], ["同上", "李四", "〃"], ["″", "王五", None]))
    rows = [clean_row(table, number, cells, ROSTER_FIELDS)[0] for number, cells in table.rows.items()]
    assert [(row.values["village"], row.values["address"]) for row in rows] == [("八一村", "一组"), ("八一村", "一组"), ("八一村", None)]
    assert [row.verdict for row in rows] == ["take", "clean", "clean"]
    assert [(issue.cell, issue.before, issue.after) for issue in rows[1].issues] == [("A3", "同上", "八一村"), ("C3", "〃", "一组")]


def test_it_never_takes_a_value_for_a_mark_with_nothing_above_or_a_failed_formula() -> None:
    table = found(make_sheet(["村", "姓名", "住址"], ["八一村", "张三", "同上"], ["#REF!", "李四", "#VALUE!"]))
    rows = [clean_row(table, number, cells, ROSTER_FIELDS)[0] for number, cells in table.rows.items()]
    assert [(row.values["village"], row.values["address"], row.verdict) for row in rows] == [("八一村", None, "look"), (None, None, "look")]
    assert "A3 单元格是错误值（#REF!），未采用" in rows[1].reason


def test_it_fills_blanks_only_of_columns_that_carry() -> None:
    table = found(make_sheet(["村", "姓名", "住址"], ["八一村", "张三", "一组"], [None, "李四", None]))
    row, _ = clean_row(table, 3, table.rows[3], ROSTER_FIELDS)
    assert (row.values["village"], row.values["address"], row.verdict) == ("八一村", None, "clean")


def test_it_names_what_the_user_does_not_see() -> None:
    sheet = make_sheet(["姓名", "电话", "村"], ["张三", None, "八一村"], ["李四", None], ["王五", None], merged=[(2, 2, 4, 2)])
    sheet.hidden_rows, sheet.hidden_columns = [1, 2, 3], [1, 9]
    other = Sheet("力胜社区", sheet.rows, hidden=True)
    tables, problems = read_tables([sheet, other], ROSTER_FIELDS)
    assert [(table.sheet, bool(table.rows), table.why) for table in tables] == [("八一村", True, ""), ("力胜社区", False, HIDDEN_SHEETS)]
    assert problems == [
        "工作表“八一村”第2–3行被筛选或隐藏，已一并读取",
        "工作表“八一村”的“电话”列是隐藏的，已一并读取",
        "工作表“八一村”有 1 处上下合并的单元格，每一行都按合并的内容读取",
        "工作表“力胜社区”是隐藏的，未读取",
    ]
    tables, _ = read_tables([sheet, other], ROSTER_FIELDS, {HIDDEN_SHEETS: "是"})
    assert [table.sheet for table in tables] == ["八一村", "力胜社区"]


def test_it_reads_a_heading_of_three_rows() -> None:
    sheet = make_sheet(
        ["村", "家庭情况", None, None, "住址"],
        [None, "成员", None, "户号", None],
        [None, "姓名", "性别", None, None],
        ["八一村", "张三", "男", "12", "一组"],
        merged=[(1, 0, 3, 0), (1, 1, 1, 3), (2, 1, 2, 2), (2, 3, 3, 3), (1, 4, 3, 4)],
    )
    table = found(sheet)
    assert table.header_rows == (1, 2, 3)
    assert table.headings == ["村", "家庭情况/成员/姓名", "家庭情况/成员/性别", "家庭情况/户号", "住址"]
    assert set(table.mapping.columns) == {"village", "name", "sex", "household_no", "address"}
    assert list(table.rows) == [4]


def test_it_offers_the_headings_that_nobody_knows() -> None:
    (table,), problems = read_tables([make_sheet(["某年统计"], ["甲", "乙", "丙"], ["a", "b", "c"])], ROSTER_FIELDS)
    assert (table.headings, table.unread, table.why, table.rows) == (["甲", "乙", "丙"], 1, "没有找到表头", {})
    assert problems == ["工作表“八一村”里没有找到表头，未读取"]


def test_it_leaves_a_strange_sheet_beside_a_good_one_unread_and_counts_it() -> None:
    strange = Sheet("说明", {1: ["甲", "乙", "丙"], 2: ["a", "b", "c"]})
    tables, _ = read_tables([strange, make_sheet(["姓名", "性别"], ["张三", "男"])], ROSTER_FIELDS)
    assert [(table.sheet, len(table.rows), table.unread) for table in tables] == [("八一村", 1, 0), ("说明", 0, 2)]


def test_a_cell_is_cleaned_once_for_each_field() -> None:
    asked: list[object] = []

    def clean(cell: object) -> Cleaned:
        asked.append(cell)
        return Cleaned(str(cell), LOOK, "请看")

    fields = (Field("a", "甲", "甲", clean), Field("b", "乙", "乙", clean))
    table = Table("表", [], (1,), ["甲", "乙"], HeadingMap({"a": 0, "b": 1}))
    rows = [clean_row(table, number, ["1", 1.0], fields)[0] for number in (2, 3)]
    assert asked == ["1", 1.0, 1.0]
    assert [[issue.cell for issue in row.issues] for row in rows] == [["A2", "B2"], ["A3", "B3"]]

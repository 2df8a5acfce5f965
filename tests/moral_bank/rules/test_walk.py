"""Rules in the browser: copied, imported into, edited, compared, tried, adopted, read on the public board (plan §三.1; M22)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from moral_bank.rules.models import RuleSet
from tests.browser import REFUSED, log_in, shot, walking
from tests.pages import Desk

pytestmark = pytest.mark.django_db(transaction=True)
SHEET = """积分类别,积分事项,分值,备注
志愿服务,参加清河护岸义务劳动,每小时1分,每月最多10分
环境卫生,庭院整洁被评为示范户,加5分,
国防建设,子女参军入伍,+5,
村居管理,违法建设拒不拆除,降B级,
"""


def copy(page: Page) -> None:
    page.goto("/more/")
    page.get_by_role("link", name="积分细则").click()
    shot(page, "rule-list")
    page.get_by_role("link", name="道德银行积分细则 第1版").click()
    shot(page, "rule-detail")
    page.get_by_role("link", name="复制为新版本").click()
    page.get_by_label("施行日期").fill("2030-01-01")
    shot(page, "rule-copy")
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_role("status")).to_contain_text("第2版（草稿）")


def bring_in(page: Page, file: Path) -> None:
    page.get_by_role("link", name="导入事项").click()
    page.get_by_label("Excel 文件").set_input_files(file)
    shot(page, "rule-import")
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("C5 “降B级”是等级升降，不是分值")).to_be_visible()
    shot(page, "rule-import-detail")
    page.get_by_role("button", name=re.compile("导入 .* 行")).click()
    expect(page.get_by_role("status")).to_contain_text("已写入 3 条，已有 0 条，没有写入 1 行")


def edit(page: Page, draft: RuleSet) -> None:
    page.goto(f"/rules/{draft.pk}/edit/")
    page.get_by_label("三星分数线").fill("61")
    page.get_by_label("二星分数线").fill("55")
    page.get_by_label("每户每月加分上限").fill("30")
    shot(page, "rule-edit")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.get_by_role("link", name="新增事项").click()
    page.get_by_label("编号").fill("P001")
    page.get_by_label("类别", exact=True).select_option("participation")
    page.get_by_label("事项", exact=True).fill("参加院坝会")
    page.get_by_label("评分", exact=True).fill("2")
    page.get_by_label("积分", exact=True).fill("2")
    page.get_by_label("每户每月上限").fill("4")
    shot(page, "rule-deed")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已保存 P001 参加院坝会")
    shot(page, "rule-draft")


def look(page: Page, draft: RuleSet) -> None:
    page.get_by_role("link", name="与上一版对照").click()
    expect(page.get_by_role("heading", name="新增的事项 4 项")).to_be_visible()
    shot(page, "rule-compare")
    page.goto(f"/rules/{draft.pk}/trial/")
    expect(page.get_by_role("heading", name="升星和降星的户 1 户次")).to_be_visible()
    shot(page, "trial")
    page.get_by_label("变化").select_option("loss")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_text("没有符合的户")).to_be_visible()


def adopt(page: Page, draft: RuleSet) -> None:
    page.goto(f"/rules/{draft.pk}/adopt/")
    page.get_by_role("button", name="施行").click()
    expect(page.get_by_text("请写通过的会议。").first).to_be_visible()
    page.get_by_label("通过的会议").fill("镇人大主席团会议")
    page.get_by_label("会议记录摘要").fill("审议通过积分细则第2版。")
    shot(page, "rule-adopt")
    page.get_by_role("button", name="施行").click()
    expect(page.get_by_role("status")).to_contain_text("已在公示栏公布")
    shot(page, "rule-adopted")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_takes_a_version_from_its_copy_to_the_board(
    browser: Browser, live_server: LiveServer, width: str, tmp_path: Path
) -> None:
    desk = Desk(households=2)
    desk.enter()
    for text in ("2026-01", "2026-02", "2026-03", "2026-Q1"):
        desk.settled(text)
    file = tmp_path / "细则.csv"
    file.write_text(SHEET, encoding="utf-8")
    with walking(browser, live_server.url, width, forgives=REFUSED) as page:
        log_in(page, desk.cast["staff"].username)
        copy(page)
        draft = RuleSet.objects.get(version=2)
        bring_in(page, file)
        edit(page, draft)
        look(page, draft)
        adopt(page, draft)
        page.goto(f"/public/{desk.village.code}/")
        page.get_by_role("link", name="道德银行积分细则").click()
        expect(page.get_by_text("第2版 自 2030年1月1日 起施行")).to_be_visible()
        shot(page, "public-rules")
        page.get_by_role("link", name="道德银行积分细则 第2版").click()
        expect(page.get_by_text("审议通过积分细则第2版")).to_be_visible()
        shot(page, "public-rules-next")
    assert RuleSet.objects.get(pk=draft.pk).state == "adopted"

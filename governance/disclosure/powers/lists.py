"""小微权力清单 as a list, with its sheet."""

from __future__ import annotations

import django_filters
from django.utils import timezone

from governance.accounts.duties import Action
from governance.disclosure.powers.due import REVIEW
from governance.disclosure.powers.models import Power
from governance.frame.columns import Col, Tag, Tagged
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter, PartFilter, WordsFilter
from governance.frame.lists import Listing, To


def state_tag(power: Power) -> Tag:
    return Tag(power.state_words, "waiting" if power.is_sample else "good")


def _tags(power: Power) -> list[Tagged | None]:
    return [state_tag(power), None if power.is_active else Tag("停用")]


class PowerFilter(PageFilter):
    area = django_filters.ChoiceFilter(label="类别", choices=Power.Area, empty_label="全部")
    state = PartFilter(
        "状态",
        {
            "": ("启用的", lambda rows: rows.filter(is_active=True)),
            "sample": ("示例，待确认", lambda rows: rows.filter(is_active=True, confirmed_on=None)),
            "confirmed": ("镇已确认", lambda rows: rows.filter(is_active=True).exclude(confirmed_on=None)),
            "off": ("停用的", lambda rows: rows.filter(is_active=False)),
        },
    )
    q = WordsFilter("事项、步骤或材料里的字", "name__contains", "steps__contains", "papers__contains")


POWERS = Listing(
    "小微权力清单",
    [
        Col("权力事项", "name", whole=True, strong=True, tags=_tags),
        Col("类别", "get_area_display"),
        Col("责任主体", "body"),
        Col("谁来监督", "supervisor"),
        Col("收费", "cost"),
        Col("下次核对", "review_on", sort="review_on", tags=lambda power: [REVIEW.due(power, timezone.now())]),
    ],
    PowerFilter,
    order=("township__path", "position", "pk"),
    href="disclosure:power-detail",
    hint="村里每一项小微权力归谁、怎么办、不得做什么、谁来监督。自带的是示例，镇确认后才作数。",
    unit="项",
    actions=(To("增加权力事项", "disclosure:power-create", needs=(Action.POWER_EDIT,)),),
    exports=(To("导出小微权力清单", "disclosure:power-export", needs=(Action.EXPORT,)),),
    empty="镇里还没有小微权力清单。",
    steps=(
        To("在管理后台补齐自带的示例", "admin:disclosure_power_changelist", needs=(Action.POWER_EDIT,)),
        To("请镇工作人员在管理后台补齐自带的示例。", ""),
    ),
    none_found="没有符合的权力事项。",
)


def _steps(power: Power) -> str:
    """A step a line, as people read it: 镇：审核（三个工作日）."""
    lines = enumerate(power.flow, 1)
    return "\n".join(f"{number}. {step.who}：{step.what}{f'（{step.within}）' if step.within else ''}" for number, step in lines)


LEDGER = Ledger.of(
    "小微权力清单",
    [
        Col("类别", "get_area_display", width=14),
        Col("权力事项", "name", width=24),
        Col("依据", "basis", width=30),
        Col("责任主体", "body", width=18),
        Col("办理步骤", _steps, width=60),
        Col("要交的材料", "papers", width=30),
        Col("不得", "limits", width=30),
        Col("谁来监督", "supervisor", width=20),
        Col("收费", "cost", width=10),
        Col("第几版", "version", width=8),
        Col("镇确认日期", "confirmed_on"),
        Col("状态", lambda power: power.state_words if power.is_active else "停用", width=12),
    ],
    order=POWERS.order,
    numbered=True,
    state="状态",
    notes=["标“示例”的还没有经镇确认，不作依据。"],
)

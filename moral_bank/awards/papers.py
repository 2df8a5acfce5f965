"""荣誉证书 as an editable paper (domain.md §12). It is handed to the household, so that it bears the full name; nothing else
of the household is read."""

from __future__ import annotations

from governance.documents.official import Official, Paragraph
from moral_bank.awards.honours import period_label
from moral_bank.awards.models import Honour
from villages.models import Unit

TITLES = {Honour.Kind.YEAR: "道德积分优秀户", Honour.Kind.FAMILY: "最美家庭"}


def honour_title(honour: Honour) -> str:
    """How the certificate calls it: 最美家庭."""
    return TITLES[Honour.Kind(honour.kind)]


def certificate_words(honour: Honour) -> str:
    """What the certificate says after the name."""
    label, title = period_label(honour), honour_title(honour)
    if honour.kind == Honour.Kind.FAMILY:
        return f"在{label}“最美家庭”评选中，经村评议、公示和镇审定，被评为“{title}”。特发此证，以资鼓励。"
    return f"在{label}道德积分评比中成绩优秀，经村公示，被评为“{title}”。特发此证，以资鼓励。"


def signed_by(township: Unit) -> str:
    """西兴镇人民政府; a street has its office instead (街道办事处)."""
    name = township.name
    return f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"


def certificate_paper(honour: Honour) -> Official:
    """One certificate; expects account, household, village and township to be read already."""
    township = honour.village.parent
    assert township is not None
    return Official(
        title="荣誉证书",
        number=f"编号：{honour.number}",
        to=f"{honour.account.household.head_name}户",
        blocks=(Paragraph(certificate_words(honour)),),
        signed_by=signed_by(township),
        dated=honour.granted_on,
    )

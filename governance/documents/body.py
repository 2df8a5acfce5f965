"""What stands on a paper, in order: WordprocessingML with Jinja between its elements. No text of a paper stands here."""

from __future__ import annotations


def _paragraph(style: str, text: str, shape: str = "", run: str = "") -> str:
    """One paragraph; `shape` and `run` are properties beyond the style's."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{shape}</w:pPr>'
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def _cell(text: str, width: str, *, centred: bool, merge: str = "") -> str:
    jc = '<w:jc w:val="center"/>' if centred else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merge}<w:vAlign w:val="center"/></w:tcPr>'
        f'{_paragraph("OfficialCell", text, jc)}</w:tc>'
    )


def _border(side: str, eighths: int, colour: str = "000000") -> str:
    """A line `eighths` of a point thick."""
    return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="{colour}"/>'


_HEAD = "".join([
    "{% if organ %}",
    _paragraph("OfficialMark", "{{ organ }}", run='<w:sz w:val="{{ organ_size }}"/>'),
    "{% endif %}{% if number or organ %}",
    _paragraph(
        "OfficialNumber", "{{ number }}",
        "{% if organ %}<w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"11\" w:color=\"FF0000\"/></w:pBdr>"
        '{% else %}<w:spacing w:before="0"/>{% endif %}',
    ),
    "{% endif %}",
    _paragraph(
        "OfficialTitle", "{{ title }}",
        '<w:spacing w:before="{% if number or organ %}1158{% else %}0{% endif %}" w:after="{% if to %}0{% else %}579{% endif %}"/>',
    ),
    "{% if to %}", _paragraph("OfficialTo", "{{ to }}："), "{% endif %}",
])  # fmt: skip

_TABLE = "".join([
    '<w:tbl><w:tblPr><w:tblW w:w="8845" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>',
    *(_border(side, 4) for side in ("top", "left", "bottom", "right", "insideH", "insideV")),
    '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="85" w:type="dxa"/>',
    '<w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>',
    '<w:tblGrid>{% for width in block.widths %}<w:gridCol w:w="{{ width }}"/>{% endfor %}</w:tblGrid>',
    "{% if block.columns %}<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>",
    "{% for name in block.columns %}", _cell("{{ name }}", "{{ block.widths[loop.index0] }}", centred=True), "{% endfor %}</w:tr>",
    "{% endif %}{% for row in block.rows %}<w:tr><w:trPr><w:cantSplit/></w:trPr>{% for cell in row %}",
    _cell(
        "{{ cell.text }}", "{{ block.widths[loop.index0] }}", centred=False,
        merge='{% if cell.merge %}<w:vMerge w:val="{{ cell.merge }}"/>{% endif %}',
    ),
    "{% endfor %}</w:tr>{% endfor %}</w:tbl>",
])  # fmt: skip

_BLOCKS = "".join([
    "{% for block in blocks %}{% if block.columns is defined %}",
    "{% if loop.previtem is defined and loop.previtem.columns is defined %}", _paragraph("OfficialCell", ""), "{% endif %}",
    _TABLE,
    "{% else %}", _paragraph("{{ block.style }}", "{{ block.text }}", "{% if block.fresh %}<w:pageBreakBefore/>{% endif %}"),
    "{% endif %}{% endfor %}",
])  # fmt: skip

_AFTER = "".join([
    "{% for line in attachments %}",
    _paragraph(
        "OfficialAttachment", "{{ line.head }}{{ line.text }}",
        '{% if loop.first %}<w:spacing w:before="579"/><w:ind w:leftChars="500" w:left="1580" w:hangingChars="300" w:hanging="948"/>'
        '{% else %}<w:ind w:leftChars="500" w:left="1580"/>{% endif %}',
    ),
    "{% endfor %}{% if signed_by %}",
    _paragraph(
        "OfficialSigned", "{{ signed_by }}",
        '<w:keepNext/><w:spacing w:before="1158"/>'
        '<w:ind w:rightChars="{{ signed_inset }}" w:right="{{ (signed_inset * 3.16) | int }}"/>',
    ),
    "{% endif %}{% if dated %}",
    _paragraph("OfficialSigned", "{{ dated }}", '<w:ind w:rightChars="400" w:right="1264"/>'),
    "{% endif %}",
])  # fmt: skip


def _foot_row(text: str, top: int, bottom: int, tab: str = "") -> str:
    """A line of the 版记 one character in on both sides, between two rules."""
    shape = f'{tab}<w:ind w:leftChars="100" w:left="280" w:rightChars="100" w:right="280"/>'
    return (
        '<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="8845" w:type="dxa"/><w:tcBorders>'
        f'{_border("top", top)}{_border("bottom", bottom)}</w:tcBorders></w:tcPr>'
        f'{_paragraph("OfficialFoot", text, shape)}</w:tc></w:tr>'
    )


_FOOT = "".join([
    "{% if copies_to or printed_by %}",
    '<w:tbl><w:tblPr><w:tblpPr w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="left" w:tblpYSpec="bottom"/>',
    '<w:tblOverlap w:val="never"/><w:tblW w:w="8845" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar>',
    '<w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>',
    '<w:tblGrid><w:gridCol w:w="8845"/></w:tblGrid>',
    "{% if copies_to %}", _foot_row("抄送：{{ copies_to }}。", 8, 6), "{% endif %}",
    "{% if printed_by %}",
    _foot_row(
        "{{ printed_by }}</w:t></w:r><w:r><w:tab/></w:r><w:r><w:t xml:space=\"preserve\">{{ dated }}印发", 8, 8,
        '<w:tabs><w:tab w:val="right" w:pos="8565"/></w:tabs>',
    ),
    "{% endif %}</w:tbl>", '<w:p><w:pPr><w:pStyle w:val="OfficialFoot"/></w:pPr></w:p>',
    "{% endif %}",
])  # fmt: skip

BODY = _HEAD + _BLOCKS + _AFTER + _FOOT

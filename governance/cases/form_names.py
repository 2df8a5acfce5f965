"""What people call the forms of cases, by the name of the page's address; all walked by `tests/frame/test_once.py`."""

FORM_NAMES = {
    "cases:agreement": "调解协议",
    "cases:case-detail": "办理事项",
    "cases:case-log": "记一件事",
    "cases:case-step": "办理一步（补充、转办、办结等）",
    "cases:confirmation": "司法确认",
    "cases:mediator": "确定调解员",
    "cases:party-add": "登记当事人",
    "cases:performance": "履行情况",
    "cases:recusal": "登记调解回避",
    "cases:return-visit": "回访",
    "cases:risk": "纠纷风险等级",
    "cases:shift-kinds": "班次和公开电话",
    "cases:sitting-add": "登记调解",
    "cases:swap-ask": "换班",
    "cases:visit-log": "记走访",
}

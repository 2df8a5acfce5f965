"""What people call the forms of councils, by the name of the page's address; all walked by `tests/frame/test_once.py`."""

FORM_NAMES = {
    "councils:body-edit": "修改议事组织",
    "councils:decision-begin": "登记决策事项",
    "councils:decision-nominees": "推选人选",
    "councils:decision-step": "决策步骤",
    "councils:decision-withdraw": "撤回决策事项",
    "councils:item-make": "由会议登记事项",
    "councils:item-notice": "公示议定意见",
    "councils:meeting-attend": "登记到会",
    "councils:meeting-call": "通知开会",
    "councils:meeting-cancel": "取消会议",
    "councils:meeting-minutes": "会议记录",
    "councils:meeting-quick": "记一次院户会（说事会）",
    "councils:seat-add": "登记组织成员",
    "councils:seat-load": "按名单登记组织成员",
    "councils:task-add": "定会议任务",
    "councils:task-detail": "会议任务落实情况",
}

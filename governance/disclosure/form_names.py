"""What people call the forms of disclosure, by the name of the page's address; all walked by `tests/frame/test_once.py`."""

FORM_NAMES = {
    "disclosure:activity-cancel": "取消活动",
    "disclosure:activity-create": "安排活动",
    "disclosure:activity-edit": "修改活动安排",
    "disclosure:activity-invite": "登记活动通知",
    "disclosure:activity-record": "记录活动",
    "disclosure:affair-cancel": "取消应公开事项",
    "disclosure:affair-draft": "事务公开拟稿",
    "disclosure:affair-edit": "修改公开草稿",
    "disclosure:affair-open": "及时公开一件事",
    "disclosure:affair-question": "答复质询",
    "disclosure:affair-review": "审核公开内容",
    "disclosure:affair-withdraw": "撤回公开内容",
    "disclosure:power-create": "增加小微权力事项",
    "disclosure:power-edit": "修改小微权力事项",
}

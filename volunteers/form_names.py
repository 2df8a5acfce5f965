"""What people call the forms of volunteers, by the name of the page's address; all walked by `tests/frame/test_once.py`."""

FORM_NAMES = {
    "volunteers:care-change": "修改特殊困难群体台账",
    "volunteers:care-decline": "不纳入特殊困难群体台账",
    "volunteers:care-hand": "换结对帮扶人",
    "volunteers:care-judge": "评定关爱等级",
    "volunteers:care-leave": "退出特殊困难群体台账",
    "volunteers:care-note": "关爱记录",
    "volunteers:certificate-create": "出具志愿服务记录证明",
    "volunteers:hours-reverse": "冲正服务时长",
    "volunteers:order-dispatch": "派单",
    "volunteers:order-log": "登记点单",
    "volunteers:order-step": "点单办理一步",
    "volunteers:round-start": "发起专项探访",
    "volunteers:team-change": "修改服务队",
    "volunteers:team-create": "新建服务队",
    "volunteers:team-detail": "服务队队员",
    "volunteers:volunteer-admit": "办理志愿者加入",
    "volunteers:volunteer-change": "修改志愿者",
    "volunteers:volunteer-leave": "志愿者退出",
    "volunteers:volunteer-pause": "暂停志愿者",
    "volunteers:volunteer-register": "登记志愿者",
}

"""What people call the forms of the desk, by the name of the page's address; all walked by `tests/frame/test_once.py`."""

FORM_NAMES = {
    "desk:superior-create": "上传上级报表",
    "desk:superior-detail": "上级报表填报",
    "desk:superior-layout": "上级报表：每个工作表是什么表",
    "desk:superior-map": "上级报表：对应栏目",
    "desk:superior-replace": "上级报表：换模板",
}

"""What people call the forms of villages, by the name of the page's address; all walked by `tests/frame/test_once.py`."""

FORM_NAMES = {
    "villages:consents": "登记同意和撤回",
    "villages:economy-correct": "更正村集体经济收支",
    "villages:economy-return": "退回村集体经济收支",
    "villages:economy-write": "填报村集体经济收支",
    "villages:lease-create": "登记发包合同",
    "villages:lease-edit": "修改发包合同",
    "villages:lease-end": "终止发包合同",
    "villages:lease-renew": "续签发包合同",
    "villages:officer-import": "导入一长四员",
    "villages:officer-import-detail": "核对一长四员名单",
    "villages:proposal-list": "待授予的职务",
    "villages:resident-tell": "出具个人资料",
    "villages:resident-whole": "导出完整身份证号",
    "villages:retention-rule": "资料保留年限",
    "villages:unit-load": "导入单位名单",
    "villages:unit-places": "导入组和聚居点",
}

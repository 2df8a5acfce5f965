"""Closed lists of words: each spelling that villages use and the word of the house. An unknown word is looked at, never guessed."""

from governance.sheets.cells import Cleaned, clean_choice
from governance.sheets.reader import Cell

HEAD = "户主"


def spellings(table: dict[str, str]) -> dict[str, str]:
    """{"子": "儿子 长子"} as {"子": "子", "儿子": "子", "长子": "子"}."""
    return {spelling: word for word, others in table.items() for spelling in [word, *others.split()]}


YES, NO = "是", "否"
YES_NO = spellings({YES: "√ ✓ ✔ ☑ 有 对 1 y Y yes 已 真", NO: "× ✗ ✘ ☒ X x 无 没有 不是 0 n N no 未 假"})
RELATIONS = spellings(
    {
        HEAD: "本人 户主本人 自己 本户户主 户主（本人） 户主(本人)",
        "配偶": "妻子 妻 丈夫 夫 爱人 老婆 老公 之妻 之夫",
        "子": "儿子 儿 之子 长子 次子 三子 四子 五子 大儿子 二儿子 三儿子 独生子 独子 幼子 养子 继子",
        "女": "女儿 之女 长女 次女 三女 四女 五女 大女儿 二女儿 三女儿 独生女 独女 幼女 养女 继女",
        "子女": "孩子 小孩",
        "父亲": "父 之父 爸爸",
        "母亲": "母 之母 妈妈",
        "父母": "",
        "儿媳": "儿媳妇 子媳 长媳 次媳 之儿媳",
        "女婿": "之女婿 上门女婿",
        "孙子": "孙 长孙 次孙 之孙子",
        "孙女": "长孙女 次孙女 之孙女",
        "外孙子": "外孙",
        "外孙女": "",
        "祖孙": "",
        "祖父": "爷爷",
        "祖母": "奶奶",
        "外祖父": "外公",
        "外祖母": "外婆",
        "岳父": "丈人",
        "岳母": "丈母娘",
        "公公": "",
        "婆婆": "",
        "兄弟姐妹": "兄 哥哥 哥 弟 弟弟 姐 姐姐 妹 妹妹",
        "曾孙": "曾孙子 曾孙女 重孙 重孙子 重孙女",
        "其他": "其它 其他亲属 其它亲属 其他关系 非亲属",
    }
)
STATUSES = spellings(
    {
        "在册": "正常 在家 在村 常住 健在 在籍 在户",
        "外出": "外出务工 务工 在外 外出打工",
        "迁出": "已迁出 户口迁出 户口已迁出 迁走 出嫁 已嫁出 嫁出",
        "死亡": "已故 去世 已去世 亡故 已死亡 死亡注销 病故 亡",
        "已注销": "注销 销户 已销户 户口注销",
    }
)


def clean_relation(cell: Cell) -> Cleaned:
    """How somebody is related to the head of the household."""
    return clean_choice(cell, RELATIONS, "与户主关系")


def clean_yes_no(cell: Cell) -> Cleaned:
    """是 or 否; nothing for a word that is neither."""
    cleaned = clean_choice(cell, YES_NO, "是否")
    return cleaned if cleaned.value in (YES, NO, None) else Cleaned(None, cleaned.level, cleaned.reason)

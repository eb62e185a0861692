"""Names put together by chance; any match with a living person is just that."""

import random

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁"
    "任卢姚沈钟姜崔谭陆汪范廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷段龙黎史陶贺毛郝顾龚邵万覃武钱戴严"
)
_OLDER = {
    "1": ("建国", "志明", "德发", "金水", "水根", "庆生", "长生", "保华", "福生", "和平", "春生",
          "冬生", "德明", "有根", "世荣", "国强"),
    "2": ("秀英", "桂英", "玉兰", "秀兰", "凤英", "冬英", "春秀", "金莲", "菊花", "水秀", "素珍",
          "淑芬", "月娥", "腊梅", "桂香", "玉珍"),
}  # fmt: skip
_YOUNGER = {
    "1": ("伟", "勇", "军", "涛", "斌", "志刚", "海涛", "文斌", "建华", "晓东", "俊峰", "立新",
          "磊", "振华", "云飞", "少华"),
    "2": ("丽", "敏", "静", "燕", "霞", "红梅", "春燕", "丽娟", "雪梅", "海燕", "玉萍", "秋菊",
          "美玲", "文娟", "慧", "晓红"),
}  # fmt: skip
_OLDER_BEFORE = 1970
#: Characters that few fonts have.
RARE_NAMES = ("刘䶮", "李𬭩")


def invented_name(chance: random.Random, sex: str, born: int) -> str:
    """A name as people of this sex (``1`` or ``2``) and year of birth bear it."""
    given = _OLDER if born < _OLDER_BEFORE else _YOUNGER
    return chance.choice(SURNAMES) + chance.choice(given[sex])

"""`manage.py restore DIR`: put back what a backup holds, compared table by table."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.backups.engines import BackupError
from governance.backups.services import restore


class Command(BaseCommand):
    help = "用备份恢复数据库和照片：先核对清单，恢复后逐表核对行数和校验值，不一致则退回原样。请先停下门户。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="备份所在的文件夹")
        parser.add_argument("--force", action="store_true", help="数据库里已有数据也整个替换")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            manifest = restore(options["folder"], force=options["force"])
        except BackupError as error:
            raise CommandError(error.message) from error
        rows = sum(held[0] for held in manifest["tables"].values())
        self.stdout.write(
            f"已恢复 {manifest['made_at']} 的备份：{len(manifest['tables'])} 张表 {rows} 行，"
            f"文件 {manifest['photos']} 个，逐表核对一致，用时 {time.monotonic() - began:.1f} 秒。"
        )
        self.stdout.write("接着请执行 manage.py migrate（备份可能来自较早的版本），再启动门户。")

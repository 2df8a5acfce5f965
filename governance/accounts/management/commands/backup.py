"""`manage.py backup DIR`: database, files, manifest and keys into a new folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.backups.engines import BackupError
from governance.backups.services import KEYS, backup


class Command(BaseCommand):
    help = "备份整个门户：数据库、照片、清单，以及单独一个密钥文件。密钥请与其余文件分开保管。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="新的或空的文件夹")
        parser.add_argument("--without-keys", action="store_true", help="不写密钥文件（密钥已另行保管）")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            manifest = backup(options["folder"], keys=not options["without_keys"])
        except BackupError as error:
            raise CommandError(error.message) from error
        rows = sum(held[0] for held in manifest["tables"].values())
        self.stdout.write(
            f"已备份到 {options['folder']}：{len(manifest['tables'])} 张表 {rows} 行，"
            f"文件 {manifest['photos']} 个，用时 {time.monotonic() - began:.1f} 秒。"
        )
        if not options["without_keys"]:
            self.stdout.write(f"{KEYS} 里是密钥：请移到别处保管，谁同时拿到两者就能读出身份证号。")

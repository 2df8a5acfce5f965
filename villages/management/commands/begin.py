"""`manage.py begin`: a new one-time code that opens an empty portal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from governance.errors import DomainError
from villages.first_day.services import first_code_make


class Command(BaseCommand):
    help = "为空的门户生成一次性开通码（再运行一次就换新码）；门户开通以后不再生成。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="", help="门户的网址，例如 https://xiangzhi.example")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = first_code_make()
        except DomainError as error:
            raise CommandError(error.message) from error
        page = f"{options['address'].rstrip('/')}{reverse('villages:begin')}"
        self.stdout.write(f"开通码（只能用一次）：{code}")
        self.stdout.write(f"请打开 {page}?code={code} ，填写乡镇和三员。")

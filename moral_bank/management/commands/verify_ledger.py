"""Walk the chain of the ledger and say whether every posting is still what was sealed (mission M23)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.errors import DomainError
from moral_bank.models import ChainHead, ChainLink
from moral_bank.proof.verifying import chain_verify
from villages.models import Unit


class Command(BaseCommand):
    help = "Verify the hash chain over the ledger; names the first altered row and exits with 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--township", help="code of one township; all, if absent")
        parser.add_argument("--head", default="", help="a head as printed on a notice (with --township if there are several)")

    def handle(self, *args: Any, **options: Any) -> None:
        townships = self._townships(options["township"])
        if options["head"] and len(townships) != 1:
            raise CommandError("--head 要同时写明 --township。")
        altered = 0
        for township in townships:
            try:
                finding = chain_verify(township, options["head"])
            except DomainError as error:
                raise CommandError(error.message) from error
            if finding is not None:
                altered += 1
                self.stdout.write(f"{township} {finding.kind}：{finding.words}")
                continue
            links = ChainLink.objects.filter(township=township).count()
            heads = ChainHead.objects.filter(township=township).count()
            self.stdout.write(f"OK {township} {links} 条，每日校验码 {heads} 个")
        if altered:
            raise SystemExit(1)

    def _townships(self, code: str | None) -> list[Unit]:
        sealed = Unit.objects.filter(pk__in=ChainLink.objects.order_by().values("township")).order_by("path")
        kept = Unit.objects.filter(pk__in=ChainHead.objects.order_by().values("township"))
        if code is None:
            return list((sealed | kept).order_by("path"))
        found = list(Unit.objects.filter(code=code, level=Unit.Level.TOWNSHIP))
        if not found:
            raise CommandError(f"没有代码为 {code} 的乡镇。")
        return found

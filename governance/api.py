"""What the REST framework loads by name while it is being imported itself: tokens, and how JSON is read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.parsers import JSONParser

TOKEN_DAYS = 30


class HouseTokenAuthentication(TokenAuthentication):
    """A token lasts TOKEN_DAYS and is no way round what has to be done first."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        user, token = super().authenticate_credentials(key)
        if token.created < timezone.now() - timedelta(days=TOKEN_DAYS):
            raise AuthenticationFailed("令牌已过期，请重新获取。")
        if user.must_change_password:
            raise AuthenticationFailed("请先在网页上登录并修改密码。")
        if user.owes_second():
            raise AuthenticationFailed("请先在网页上登录并启用第二验证。")
        return user, token


class HouseJSONParser(JSONParser):
    """JSON as deep as Python reads it."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON 层次太深。") from error

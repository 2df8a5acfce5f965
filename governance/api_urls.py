"""Addresses of /api/v1/, the token and the documentation (OpenAPI, served from here)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.db import transaction
from django.urls import include, path
from django.utils.module_loading import import_string
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from governance.accounts.forms import LONGEST, LoginForm
from governance.accounts.log import client_ip
from governance.accounts.models import User
from governance.accounts.second.services import SecondError, code_take, has_second
from governance.accounts.stale.services import is_stale_locked
from governance.frame.slowing import Counted
from governance.rooms import rooms


class TokenThrottle(Counted, AnonRateThrottle):
    """By the address that trusted proxies saw, not by what the caller says of himself."""

    rate = "20/min"

    def get_ident(self, request: Request) -> str:
        return client_ip(request._request) or ""


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(label="登录名", max_length=LONGEST)
    password = serializers.CharField(label="密码", max_length=LONGEST, trim_whitespace=False)
    code = serializers.CharField(label="验证码", max_length=20, required=False, help_text="启用了第二验证的账号须填。")


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()


def _ready(user: User, code: str, request: Request) -> None:
    """As on the web: neither locked nor with something to be done first, and with a code where there is a second factor."""
    if is_stale_locked(user):
        raise AuthenticationFailed(LoginForm.error_messages["stale"])
    if user.must_change_password:
        raise AuthenticationFailed("请先在网页上登录并修改密码。")
    if user.owes_second():
        raise AuthenticationFailed("请先在网页上登录并启用第二验证。")
    if has_second(user):
        try:
            code_take(user=user, code=code, request=request._request)
        except SecondError as error:
            raise AuthenticationFailed({"detail": error.message, "code": f"second-{error.code}"}) from error


class TokenView(APIView):
    """获取令牌：30 天有效，取新的旧的即失效；启用了第二验证的须同时给验证码；连续失败与网页登录一样锁定。"""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [TokenThrottle]

    def get_authenticate_header(self, request: Request) -> str:
        return "Token"

    @extend_schema(request=CredentialsSerializer, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        given = CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        code = given.validated_data.pop("code", "")
        user: Any = authenticate(request._request, **given.validated_data)
        if user is None:
            raise AuthenticationFailed("登录名或密码不对。")
        _ready(user, code, request)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            Token.objects.filter(user=user).delete()
            token = Token.objects.create(user=user)
        return Response({"token": token.key})


router = SimpleRouter()
for room in rooms():
    for prefix, view_set, base in room.api:
        router.register(prefix, import_string(view_set), basename=base or None)

app_name = "api"
urlpatterns = [
    path("", include(router.urls)),
    path("token/", TokenView.as_view(), name="token"),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", permission_classes=[IsAuthenticated]),
        name="docs",
    ),
]

"""`{% csrf_token %}` of all templates, those of the admin too: beside Django's token the form's one-use key.

Django refuses a post form without its token, so there is none without a key.
"""

from uuid import uuid4

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.frame.once import FIELD

register = template.Library()


class OnceNode(CsrfTokenNode):
    def render(self, context: Context) -> SafeString:
        key = format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid4())
        return format_html("{}{}", super().render(context), key)


@register.tag
def csrf_token(parser: Parser, token: Token) -> OnceNode:
    return OnceNode()

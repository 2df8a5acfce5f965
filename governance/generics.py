"""Bases that are generic for type checkers alone: Django's own take no type in brackets at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.syndication import views as syndication
from django.core import paginator

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
    Paginator = paginator.Paginator[Any]
    Feed = syndication.Feed[Any, Any]
else:
    ModelForm = forms.ModelForm
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField
    Paginator = paginator.Paginator
    Feed = syndication.Feed

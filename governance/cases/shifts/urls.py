"""Addresses of the duty roster."""

from django.urls import path

from governance.cases.shifts import views

urlpatterns = [
    path("shifts/", views.shift_list, name="shift-list"),
    path("shifts/generate/", views.shift_generate, name="shift-generate"),
    path("shifts/publish/", views.shift_publish, name="shift-publish"),
    path("shifts/print/", views.shift_print, name="shift-print"),
    path("shifts/kinds/<int:pk>/", views.shift_kinds, name="shift-kinds"),
    path("shifts/phone/<int:pk>/", views.post_phone, name="post-phone"),
    path("shifts/<int:pk>/swap/", views.swap_ask_view, name="swap-ask"),
    path("swaps/<int:pk>/", views.swap_answer_view, name="swap-answer"),
]

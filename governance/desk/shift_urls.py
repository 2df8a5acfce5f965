"""Addresses of the duty roster."""

from django.urls import path

from governance.desk.views import shifts

urlpatterns = [
    path("shifts/", shifts.shift_list, name="shift-list"),
    path("shifts/generate/", shifts.shift_generate, name="shift-generate"),
    path("shifts/publish/", shifts.shift_publish, name="shift-publish"),
    path("shifts/print/", shifts.shift_print, name="shift-print"),
    path("shifts/kinds/<int:pk>/", shifts.shift_kinds, name="shift-kinds"),
    path("shifts/phone/<int:pk>/", shifts.post_phone, name="post-phone"),
    path("shifts/<int:pk>/swap/", shifts.swap_ask_view, name="swap-ask"),
    path("swaps/<int:pk>/", shifts.swap_answer_view, name="swap-answer"),
]

"""Addresses of what is disclosed, for those who log in."""

from django.urls import path

from governance.disclosure.affairs import question_views, views

urlpatterns = [
    path("affairs/", views.affair_list, name="affair-list"),
    path("affairs/export/", views.affair_export, name="affair-export"),
    path("affairs/open/", views.affair_open, name="affair-open"),
    path("affairs/kinds/", views.affair_kinds, name="affair-kinds"),
    path("affairs/kinds/export/", views.affair_kinds_export, name="affair-kinds-export"),
    path("affairs/questions/", question_views.question_list, name="affair-question-list"),
    path("affairs/questions/export/", question_views.question_export, name="affair-question-export"),
    path("affairs/questions/<int:pk>/", question_views.question_detail, name="affair-question"),
    path("affairs/<int:pk>/", views.affair_turn, name="affair-turn"),
    path("affairs/<int:pk>/draft/", views.affair_draft, name="affair-draft"),
    path("affairs/<int:pk>/cancel/", views.affair_cancel, name="affair-cancel"),
    path("affairs/versions/<int:pk>/edit/", views.affair_edit, name="affair-edit"),
    path("affairs/versions/<int:pk>/drop/", views.affair_drop, name="affair-drop"),
    path("affairs/versions/<int:pk>/submit/", views.affair_submit, name="affair-submit"),
    path("affairs/versions/<int:pk>/take-back/", views.affair_take_back, name="affair-take-back"),
    path("affairs/versions/<int:pk>/review/", views.affair_review, name="affair-review"),
    path("affairs/versions/<int:pk>/publish/", views.affair_publish, name="affair-publish"),
    path("affairs/versions/<int:pk>/withdraw/", views.affair_withdraw, name="affair-withdraw"),
    path("affairs/versions/<int:pk>/print/", views.affair_print, name="affair-print"),
]

"""Addresses of covenants, under those of the room."""

from django.urls import path

from governance.councils.covenants import item_views, views

urlpatterns = [
    path("covenants/", views.covenant_list, name="covenant-list"),
    path("covenants/export/", views.covenant_export, name="covenant-export"),
    path("covenants/new/", views.covenant_create, name="covenant-create"),
    path("covenants/<int:pk>/", views.covenant_detail, name="covenant-detail"),
    path("covenants/<int:pk>/draft/", views.covenant_draft, name="covenant-draft"),
    path("covenants/<int:pk>/begin/", views.covenant_begin, name="covenant-begin"),
    path("covenants/<int:pk>/compare/", views.covenant_compare, name="covenant-compare"),
    path("covenants/versions/<int:pk>/set/", views.version_set, name="covenant-set"),
    path("covenants/versions/<int:pk>/record/", views.version_record, name="covenant-record"),
    path("covenants/versions/<int:pk>/answer/", views.version_answer, name="covenant-answer"),
    path("covenants/versions/<int:pk>/mark/", views.version_mark, name="covenant-mark"),
    path("covenants/versions/<int:pk>/cite/", views.version_cite, name="covenant-cite"),
    path("meeting-items/<int:pk>/covenant/", item_views.item_draft_page, name="item-covenant"),
    path("covenants/versions/<int:pk>/print/", views.version_print, name="covenant-print"),
]

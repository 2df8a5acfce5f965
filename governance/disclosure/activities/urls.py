"""Addresses of activities, for those who log in."""

from django.urls import path

from governance.disclosure.activities import views

urlpatterns = [
    path("activities/", views.activity_list, name="activity-list"),
    path("activities/export/", views.activity_export, name="activity-export"),
    path("activities/create/", views.activity_create, name="activity-create"),
    path("activities/year/", views.activity_year, name="activity-year"),
    path("activities/<int:pk>/", views.activity_detail, name="activity-detail"),
    path("activities/<int:pk>/edit/", views.activity_edit, name="activity-edit"),
    path("activities/<int:pk>/invite/", views.activity_invite, name="activity-invite"),
    path("activities/<int:pk>/record/", views.activity_record, name="activity-record"),
    path("activities/<int:pk>/cancel/", views.activity_cancel, name="activity-cancel"),
]

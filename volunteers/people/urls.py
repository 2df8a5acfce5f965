"""Addresses of volunteers, teams, hours and certificates."""

from django.urls import path

from volunteers.people import hours_views, team_views, views

urlpatterns = [
    path("volunteers/", views.volunteer_list, name="volunteer-list"),
    path("volunteers/export/", views.volunteer_export, name="volunteer-export"),
    path("volunteers/new/", views.volunteer_register_view, name="volunteer-register"),
    path("volunteers/<int:pk>/", views.volunteer_detail, name="volunteer-detail"),
    path("volunteers/<int:pk>/change/", views.volunteer_change_view, name="volunteer-change"),
    path("volunteers/<int:pk>/admit/", views.volunteer_admit_view, name="volunteer-admit"),
    path("volunteers/<int:pk>/pause/", views.volunteer_pause_view, name="volunteer-pause"),
    path("volunteers/<int:pk>/resume/", views.volunteer_resume_view, name="volunteer-resume"),
    path("volunteers/<int:pk>/leave/", views.volunteer_leave_view, name="volunteer-leave"),
    path("volunteers/<int:pk>/reveal/", views.volunteer_reveal_view, name="volunteer-reveal"),
    path("service-hours/<int:pk>/reverse/", hours_views.hours_reverse_view, name="hours-reverse"),
    path("volunteers/<int:pk>/certificate/", hours_views.certificate_create, name="certificate-create"),
    path("service-teams/", team_views.team_list, name="team-list"),
    path("service-teams/new/", team_views.team_create, name="team-create"),
    path("service-teams/<int:pk>/", team_views.team_detail, name="team-detail"),
    path("service-teams/<int:pk>/change/", team_views.team_change, name="team-change"),
    path("service-teams/<int:pk>/join/", team_views.team_join_view, name="team-join"),
    path("service-members/<int:pk>/part/", team_views.team_part_view, name="team-part"),
    path("hours/", hours_views.hours_list, name="hours-list"),
    path("hours/export/", hours_views.hours_export, name="hours-export"),
    path("stars/", hours_views.star_list, name="star-list"),
    path("certificates/", hours_views.certificate_list, name="certificate-list"),
    path("certificates/<int:pk>/", hours_views.certificate_print, name="certificate-print"),
    path("certificates/<int:pk>/docx/", hours_views.certificate_docx, name="certificate-docx"),
    path("my-service/", hours_views.my_service, name="my-service"),
]

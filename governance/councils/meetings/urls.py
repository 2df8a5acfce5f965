"""Addresses of meetings, their items and tasks."""

from django.urls import path

from governance.councils.meetings import item_views, paper_views, task_views, views

urlpatterns = [
    path("meetings/", views.meeting_list, name="meeting-list"),
    path("meetings/export/", views.meeting_export, name="meeting-export"),
    path("bodies/<int:pk>/call/", views.meeting_plan, name="meeting-call"),
    path("bodies/<int:pk>/quick/", views.meeting_quick, name="meeting-quick"),
    path("meetings/<int:pk>/", views.meeting_detail, name="meeting-detail"),
    path("meetings/<int:pk>/noticed/", views.meeting_noticed_page, name="meeting-noticed"),
    path("meetings/<int:pk>/attend/", views.meeting_attend_page, name="meeting-attend"),
    path("meetings/<int:pk>/minutes/", views.meeting_minutes, name="meeting-minutes"),
    path("meetings/<int:pk>/confirm/", views.meeting_confirm_press, name="meeting-confirm"),
    path("meetings/<int:pk>/file/", views.meeting_file_press, name="meeting-file"),
    path("meetings/<int:pk>/cancel/", views.meeting_cancel_page, name="meeting-cancel"),
    path("meetings/<int:pk>/deeds/", item_views.meeting_reward_page, name="meeting-reward"),
    path("meetings/<int:pk>/invitation/", paper_views.meeting_invitation, name="meeting-invitation"),
    path("meetings/<int:pk>/print/", paper_views.meeting_print, name="meeting-print"),
    path("meetings/<int:pk>/paper/", paper_views.meeting_paper, name="meeting-paper"),
    path("meeting-items/<int:pk>/task/", task_views.task_create, name="task-add"),
    path("meeting-items/<int:pk>/notice/", item_views.item_notice, name="item-notice"),
    path("meeting-items/<int:pk>/make/<slug:name>/", item_views.item_make_page, name="item-make"),
    path("meeting-tasks/", task_views.task_list, name="task-list"),
    path("meeting-tasks/export/", task_views.task_export, name="task-export"),
    path("meeting-tasks/<int:pk>/", task_views.task_detail, name="task-detail"),
]

"""Addresses of 最美家庭, honours and private reminders."""

from django.urls import path

from moral_bank.awards import honour_views, reminder_views, views

urlpatterns = [
    path("awards/", views.award_list, name="award-list"),
    path("awards/export/", views.award_export, name="award-export"),
    path("awards/new/", views.award_create, name="award-create"),
    path("awards/candidates/", views.award_candidates, name="award-candidates"),
    path("awards/candidates/<int:pk>/", views.award_propose, name="award-propose"),
    path("awards/board/", views.award_board, name="award-board"),
    path("awards/board/<int:pk>/", views.award_publish, name="award-publish"),
    path("awards/<int:pk>/", views.award_detail, name="award-detail"),
    path("awards/<int:pk>/judge/", views.award_judge, name="award-judge"),
    path("awards/<int:pk>/correct/", views.award_correct, name="award-correct"),
    path("awards/<int:pk>/confirm/", views.award_confirm, name="award-confirm"),
    path("awards/<int:pk>/refuse/", views.award_refuse, name="award-refuse"),
    path("awards/<int:pk>/withdraw/", views.award_withdraw, name="award-withdraw"),
    path("honours/", honour_views.honour_list, name="honour-list"),
    path("honours/export/", honour_views.honour_export, name="honour-export"),
    path("honours/sheet/", honour_views.honour_sheet, name="honour-sheet"),
    path("honours/print/<slug:paper>/", honour_views.honour_print, name="honour-print"),
    path("honours/<int:pk>/", honour_views.honour_detail, name="honour-detail"),
    path("honours/<int:pk>/revoke/", honour_views.honour_revoke_view, name="honour-revoke"),
    path("honours/<int:pk>/docx/", honour_views.honour_docx, name="honour-docx"),
    path("honours/<int:pk>/print/<slug:paper>/", honour_views.honour_paper, name="honour-paper"),
    path("reminders/", reminder_views.reminder_list, name="reminder-list"),
    path("reminders/export/", reminder_views.reminder_export, name="reminder-export"),
    path("reminders/print/", reminder_views.reminder_print, name="reminder-print"),
    path("reminders/<int:pk>/", reminder_views.reminder_detail, name="reminder-detail"),
    path("reminders/<int:pk>/told/", reminder_views.reminder_told, name="reminder-told"),
    path("reminders/<int:pk>/slip/", reminder_views.reminder_slip, name="reminder-slip"),
]

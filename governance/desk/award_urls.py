"""Addresses of the desk's pages of 最美家庭, honours and private reminders."""

from django.urls import path

from governance.desk.views import awards, honours, reminders

urlpatterns = [
    path("awards/", awards.award_list, name="award-list"),
    path("awards/export/", awards.award_export, name="award-export"),
    path("awards/new/", awards.award_create, name="award-create"),
    path("awards/candidates/", awards.award_candidates, name="award-candidates"),
    path("awards/candidates/<int:pk>/", awards.award_propose, name="award-propose"),
    path("awards/board/", awards.award_board, name="award-board"),
    path("awards/board/<int:pk>/", awards.award_publish, name="award-publish"),
    path("awards/<int:pk>/", awards.award_detail, name="award-detail"),
    path("awards/<int:pk>/judge/", awards.award_judge, name="award-judge"),
    path("awards/<int:pk>/correct/", awards.award_correct, name="award-correct"),
    path("awards/<int:pk>/confirm/", awards.award_confirm, name="award-confirm"),
    path("awards/<int:pk>/refuse/", awards.award_refuse, name="award-refuse"),
    path("awards/<int:pk>/withdraw/", awards.award_withdraw, name="award-withdraw"),
    path("honours/", honours.honour_list, name="honour-list"),
    path("honours/export/", honours.honour_export, name="honour-export"),
    path("honours/sheet/", honours.honour_sheet, name="honour-sheet"),
    path("honours/print/<slug:paper>/", honours.honour_print, name="honour-print"),
    path("honours/<int:pk>/", honours.honour_detail, name="honour-detail"),
    path("honours/<int:pk>/revoke/", honours.honour_revoke_view, name="honour-revoke"),
    path("honours/<int:pk>/docx/", honours.honour_docx, name="honour-docx"),
    path("honours/<int:pk>/print/<slug:paper>/", honours.honour_paper, name="honour-paper"),
    path("reminders/", reminders.reminder_list, name="reminder-list"),
    path("reminders/export/", reminders.reminder_export, name="reminder-export"),
    path("reminders/print/", reminders.reminder_print, name="reminder-print"),
    path("reminders/<int:pk>/", reminders.reminder_detail, name="reminder-detail"),
    path("reminders/<int:pk>/told/", reminders.reminder_told, name="reminder-told"),
    path("reminders/<int:pk>/slip/", reminders.reminder_slip, name="reminder-slip"),
]

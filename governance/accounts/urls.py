from django.contrib.auth.views import LogoutView
from django.urls import path

from governance.accounts import consent_views, export_views, health, import_views, metrics, views
from governance.accounts.rules.views import rules
from governance.accounts.second import views as second

app_name = "accounts"
urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("alive/", views.alive, name="alive"),
    path("health/", health.health, name="health"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("password/", views.password, name="password"),
    path("password/code/", consent_views.password_code, name="password-code"),
    path("second/code/", second.login_second, name="login-second"),  # not below the log-in's own address: a form is led there
    path("second/", second.second, name="second"),
    path("second/app/", second.second_app, name="second-app"),
    path("second/app/key/", second.second_key, name="second-key"),
    path("second/print/", second.second_print, name="second-print"),
    path("second/remove/", second.second_remove, name="second-remove"),
    path("accounts/rules/", rules, name="rules"),
    path("guards/", consent_views.guard_requests, name="guard-requests"),
    path("guards/ask/", consent_views.guard_ask, name="guard-ask"),
    path("guards/<int:pk>/", consent_views.guard_request, name="guard-request"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox-read"),
    path("inbox/<int:pk>/", views.message, name="message"),
    path("filters/save/", views.saved_filter, name="filter-save"),
    path("filters/<int:pk>/remove/", views.saved_filter_remove, name="filter-remove"),
    path("exports/", export_views.export_list, name="export-list"),
    path("exports/<int:pk>/", export_views.export_detail, name="export-detail"),
    path("exports/<int:pk>/file/", export_views.export_download, name="export-file"),
    path("imports/<int:pk>/", import_views.import_detail, name="import-detail"),
    path("hooks/sms/", views.sms_receipt, name="sms-receipt"),
]

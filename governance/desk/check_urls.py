"""Addresses of 户月评."""

from django.urls import path

from governance.desk.views import check_papers, checks

urlpatterns = [
    path("checks/", checks.check_list, name="check-list"),
    path("checks/export/", checks.check_export, name="check-export"),
    path("checks/<int:unit>/", checks.check_walk, name="check-walk"),
    path("checks/<int:unit>/results/", checks.check_results, name="check-results"),
    path("checks/<int:unit>/order/", checks.check_order, name="check-order"),
    path("checks/households/<int:pk>/", checks.check_household, name="check-household"),
    path("checks/reminders/<int:unit>/", check_papers.check_reminders, name="check-reminders"),
    path("checks/plates/<int:unit>/", check_papers.check_plates, name="check-plates"),
]

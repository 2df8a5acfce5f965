"""Addresses of 户月评."""

from django.urls import path

from inspections.checks import paper_views, views

urlpatterns = [
    path("checks/", views.check_list, name="check-list"),
    path("checks/export/", views.check_export, name="check-export"),
    path("checks/<int:unit>/", views.check_walk, name="check-walk"),
    path("checks/<int:unit>/results/", views.check_results, name="check-results"),
    path("checks/<int:unit>/order/", views.check_order, name="check-order"),
    path("checks/households/<int:pk>/", views.check_household, name="check-household"),
    path("checks/reminders/<int:unit>/", paper_views.check_reminders, name="check-reminders"),
    path("checks/plates/<int:unit>/", paper_views.check_plates, name="check-plates"),
]

"""Addresses of what is disclosed on the board for residents; `governance.urls` puts them under /public/."""

from django.urls import path

from governance.disclosure.affairs import public_views

urlpatterns = [
    path("affairs/", public_views.affairs, name="affairs"),
    path("affairs/<int:pk>/", public_views.affair, name="affair"),
    path("affairs/<int:pk>/question/", public_views.question, name="affair-question"),
    path("affairs/items/<int:pk>/", public_views.affair_item, name="affair-item"),
    path("<slug:code>/affairs/", public_views.village_affairs, name="village-affairs"),
    path("<slug:code>/affairs/archive/", public_views.affair_archive, name="affair-archive"),
    path("<slug:code>/affairs/feed/", public_views.affair_feed, name="affair-feed"),
]

"""The board for residents, without log-in: villages, their notices and their stars."""

from django.urls import path

from governance.desk import bank_public_urls, errand_public_urls
from governance.desk.views import board
from governance.disclosure import urls as disclosure

app_name = "public"
urlpatterns = [
    path("", board.board, name="board"),
    *errand_public_urls.urlpatterns,
    *bank_public_urls.urlpatterns,
    path("<slug:code>/", board.village, name="village"),
    *disclosure.urlpatterns,
]

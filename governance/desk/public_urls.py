"""The board for residents, without log-in: villages, their notices and their stars."""

from django.urls import path

from governance.desk.views import board
from governance.disclosure import urls as disclosure

app_name = "public"
urlpatterns = [
    path("", board.board, name="board"),
    path("<slug:code>/", board.village, name="village"),
    *disclosure.urlpatterns,
]

"""The board for residents, without log-in: villages, their notices and their stars."""

from django.urls import path

from governance.desk import board

urlpatterns = [
    path("", board.board, name="board"),
    path("<slug:code>/", board.village, name="village"),
]

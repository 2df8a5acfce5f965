"""The board for residents, without log-in: villages, their notices and their stars."""

from django.urls import path, re_path

from governance.desk import board

urlpatterns = [
    path("", board.board, name="board"),
    path("duty/", board.duty, name="duty"),
    path("running/", board.running, name="running"),
    re_path(r"^(?P<about>report|correct)/$", board.turn_to, name="turn-to"),
    path("<slug:code>/", board.village, name="village"),
    path("<slug:code>/people/", board.people, name="people"),
]

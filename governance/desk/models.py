"""Models of the desk: what it keeps itself, which is the superiors' forms alone."""

from governance.desk.superior.models import Filling as Filling
from governance.desk.superior.models import SuperiorForm as SuperiorForm

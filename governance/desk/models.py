"""Models of the desk: what it keeps itself, the superiors' forms and how often a form asked again for what is on record."""

from governance.desk.repeats.models import RepeatCount as RepeatCount
from governance.desk.superior.models import Filling as Filling
from governance.desk.superior.models import SuperiorForm as SuperiorForm

"""All models of this room, by subject (design §12; mission M28–M30)."""

from volunteers.care.import_models import CareImport as CareImport
from volunteers.care.models import CareCategory as CareCategory
from volunteers.care.models import CareDecision as CareDecision
from volunteers.care.models import CareRecord as CareRecord
from volunteers.care.models import CareTurn as CareTurn
from volunteers.care.note_models import CareNote as CareNote
from volunteers.care.round_models import CareRound as CareRound
from volunteers.care.round_models import CareRoundPerson as CareRoundPerson
from volunteers.care.round_models import RiskHousehold as RiskHousehold
from volunteers.orders.models import Hours as Hours
from volunteers.orders.models import Offer as Offer
from volunteers.orders.models import Run as Run
from volunteers.orders.models import ServiceOrder as ServiceOrder
from volunteers.orders.models import ServiceStep as ServiceStep
from volunteers.people.models import Certificate as Certificate
from volunteers.people.models import HoursImport as HoursImport
from volunteers.people.models import ServiceMember as ServiceMember
from volunteers.people.models import ServiceTeam as ServiceTeam
from volunteers.people.models import StarRule as StarRule
from volunteers.people.models import Volunteer as Volunteer
from volunteers.projects.models import Project as Project

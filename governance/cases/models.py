"""All models of this room, by subject (design §6; mission M12–M15)."""

from governance.cases.categories.models import Category as Category
from governance.cases.categories.models import Office as Office
from governance.cases.categories.models import OfficeMember as OfficeMember
from governance.cases.categories.models import ReturnRule as ReturnRule
from governance.cases.categories.models import Risk as Risk
from governance.cases.categories.models import ServiceKind as ServiceKind
from governance.cases.disputes.import_models import DisputeImport as DisputeImport
from governance.cases.disputes.models import Agreement as Agreement
from governance.cases.disputes.models import Dispute as Dispute
from governance.cases.disputes.models import Party as Party
from governance.cases.disputes.models import Recusal as Recusal
from governance.cases.disputes.models import Sitting as Sitting
from governance.cases.engine.models import Case as Case
from governance.cases.engine.models import CasePerson as CasePerson
from governance.cases.engine.models import CaseStep as CaseStep
from governance.cases.engine.models import Extension as Extension
from governance.cases.engine.models import ReturnVisit as ReturnVisit
from governance.cases.errands.models import Errand as Errand
from governance.cases.sending.models import Conflict as Conflict
from governance.cases.sending.models import Photo as Photo
from governance.cases.sending.models import PhotoPart as PhotoPart
from governance.cases.sending.models import Sent as Sent
from governance.cases.shifts.models import Shift as Shift
from governance.cases.shifts.models import ShiftKind as ShiftKind
from governance.cases.shifts.models import Swap as Swap
from governance.cases.visits.models import Visit as Visit

"""What a press body may answer to an invitation, until the accreditation closes (QC.D8.K3)."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause
from app.press.invitation_models import InvitationState as S
from app.press.invitation_schemas import AcceptInvitation, DeclineInvitation
from app.trail.record import EventType

INVITING = clause("QC.D8.K3")
PROVISIONS = (str(INVITING),)

INVITED = EventType(
    "accreditation.invited", "press_invitation", "Cơ quan báo chí được mời", "A press body was invited", PROVISIONS
)
ANSWERED = EventType(
    "accreditation.answered", "press_invitation", "Cơ quan báo chí trả lời lời mời", "A press body answered",
    PROVISIONS,
)  # fmt: skip
HOST_ADDED = EventType(
    "accreditation.host_added", "press_invitation", "Thêm cơ quan chủ trì được biết lời mời",
    "A further host knows of an invitation", PROVISIONS,
)  # fmt: skip
EVENTS = (INVITED, ANSWERED, HOST_ADDED)

ANY = frozenset(S)

PRESS_INVITATION = Machine(
    initial=S.invited,
    moves=(
        Move(
            "accept", ANY, S.accepted, Scope.press_write, Party.owner, INVITING, ANSWERED, AcceptInvitation,
            "Say whom one's press body sends.",
        ),
        Move(
            "decline", ANY, S.declined, Scope.press_write, Party.owner, INVITING, ANSWERED, DeclineInvitation,
            "Decline an invitation.",
        ),
    ),
)  # fmt: skip

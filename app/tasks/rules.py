"""What may be done to an assigned task and to a request to cooperate, and by whom (QC.D6, QC.D7.K1, QC.D8.K2)."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import Clause, clause
from app.tasks.models import CooperationState as C
from app.tasks.models import TaskState as S
from app.tasks.schemas import AcceptCooperation, Complete, Contribute, DeclineCooperation, Progress
from app.trail.record import EventType

OWED, CHECKING, COOPERATING = clause("QC.D7.K1-c"), clause("QC.D8.K2-b"), clause("QC.D6.K1")


def _cited(*cited: Clause) -> tuple[str, ...]:
    return tuple(str(one.provision.id) for one in cited)


TASK_PROVISIONS, COOPERATION_PROVISIONS = _cited(OWED, CHECKING), _cited(COOPERATING)


def _event(resource: str, name: str, title_vi: str, title_en: str, cited: tuple[str, ...]) -> EventType:
    return EventType(f"{resource}.{name}", resource, title_vi, title_en, cited)


def _task(name: str, title_vi: str, title_en: str) -> EventType:
    return _event("plan_task", name, title_vi, title_en, TASK_PROVISIONS)


def _cooperation(name: str, title_vi: str, title_en: str) -> EventType:
    return _event("cooperation", name, title_vi, title_en, COOPERATION_PROVISIONS)


ASSIGNED = _task("assigned", "Nhiệm vụ được giao", "A task was assigned")
CHANGED = _task("changed", "Nhiệm vụ được điều chỉnh", "A task was changed by its plan")
CANCELLED = _task("cancelled", "Nhiệm vụ không còn trong kế hoạch", "A task is no longer in the plan")
PROGRESSED = _task("progressed", "Có báo cáo tiến độ", "Progress was reported on a task")
COMPLETED = _task("completed", "Nhiệm vụ hoàn thành", "A task was completed")
CHECKED = _task("checked", "Nhiệm vụ được kiểm tra", "A task was checked")
REOPENED = _task("reopened", "Nhiệm vụ phải làm tiếp sau kiểm tra", "A task was opened again by a check")
REQUESTED = _cooperation("requested", "Đề nghị phối hợp", "Cooperation was requested")
ANSWERED = _cooperation("answered", "Đề nghị phối hợp được trả lời", "A request to cooperate was answered")
CONTRIBUTED = _cooperation("contributed", "Cơ quan phối hợp có đóng góp", "A cooperating agency contributed")
RELEASED = _cooperation("released", "Không còn đề nghị phối hợp", "Cooperation is no longer asked for")
EVENTS = (
    ASSIGNED, CHANGED, CANCELLED, PROGRESSED, COMPLETED, CHECKED, REOPENED, REQUESTED, ANSWERED, CONTRIBUTED, RELEASED,
)  # fmt: skip

UNDER_WAY = frozenset({S.assigned, S.in_progress})

TASK = Machine(
    initial=S.assigned,
    told=(S.cancelled,),
    moves=(
        Move(
            "progress", UNDER_WAY, S.in_progress, Scope.tasks_write, Party.owner, OWED, PROGRESSED, Progress,
            "Report how far one's own agency's task is.",
        ),
        Move(
            "complete", UNDER_WAY, S.completed, Scope.tasks_write, Party.owner, OWED, COMPLETED, Complete,
            "Report that one's own agency's task is done.",
        ),
    ),
)  # fmt: skip

COOPERATION = Machine(
    initial=C.asked,
    told=(C.released,),
    moves=(
        Move(
            "accept", frozenset({C.asked, C.declined}), C.accepted, Scope.tasks_write, Party.owner, COOPERATING,
            ANSWERED, AcceptCooperation, "Agree to cooperate.",
        ),
        Move(
            "decline", frozenset({C.asked, C.accepted}), C.declined, Scope.tasks_write, Party.owner, COOPERATING,
            ANSWERED, DeclineCooperation, "Decline to cooperate, and say why.",
        ),
        Move(
            "contribute", frozenset({C.asked, C.accepted}), C.accepted, Scope.tasks_write, Party.owner, COOPERATING,
            CONTRIBUTED, Contribute, "Contribute to a task that one cooperates on; to give is to agree.",
        ),
    ),
)  # fmt: skip

"""The words of feeds, in both languages."""

from collections.abc import Mapping
from typing import Literal

from app.press.event_models import EventForm, EventState

FeedLanguage = Literal["vi", "en"]
Words = Mapping[FeedLanguage, str]

FORMS: Mapping[str, Words] = {
    EventForm.periodic_briefing: {"vi": "Giao ban báo chí", "en": "Press briefing"},
    EventForm.press_conference: {"vi": "Họp báo", "en": "Press conference"},
    EventForm.direct_supply: {"vi": "Cung cấp trực tiếp", "en": "Direct supply of information"},
    EventForm.provincial_portal: {"vi": "Cổng thông tin điện tử tỉnh", "en": "Provincial portal"},
    EventForm.other: {"vi": "Hình thức khác", "en": "Other form"},
}
MARKS: Mapping[str, Words] = {
    EventState.postponed: {"vi": "[HOÃN]", "en": "[POSTPONED]"},
    EventState.cancelled: {"vi": "[HỦY]", "en": "[CANCELLED]"},
}
REASONS: Mapping[str, Words] = {
    EventState.postponed: {"vi": "Hoãn, chưa có thời điểm mới", "en": "Postponed, no new time yet"},
    EventState.cancelled: {"vi": "Hủy", "en": "Cancelled"},
}
CHANGED: Words = {"vi": "Thay đổi lần cuối", "en": "Last change"}
PUBLIC: Words = {
    "vi": "Sự kiện báo chí của tỉnh Đắk Lắk",
    "en": "Press events of Đắk Lắk province",
}
ABOUT: Words = {
    "vi": "Các sự kiện báo chí đã thông báo công khai, theo Quyết định 26/2013/QĐ-UBND.",
    "en": "The press events announced to everybody, by Decision 26/2013/QĐ-UBND.",
}
SPEAKS: Words = {"vi": "Người phát ngôn", "en": "Spokesperson"}
WHEN: Words = {"vi": "Thời gian", "en": "Time"}
WHERE: Words = {"vi": "Địa điểm", "en": "Place"}

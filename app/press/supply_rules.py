"""Whose duty it is to inform the press and to publish, and the events that tell of it (QC.D7.K2, QC.D8.K3, QC.D15)."""

from app.flow.machine import Machine
from app.law.citing import clause, clauses
from app.press.supply_models import ProductState, SupplyState
from app.trail.record import EventType

INFORMING, PUBLISHING = clause("QC.D7.K2"), clause("QC.D15.K1")
SUPPLY_PROVISIONS = tuple(map(str, clauses("QC.D7.K2", "QC.D8.K3", "QC.D4.K4")))
PRODUCT_PROVISIONS = tuple(map(str, clauses("QC.D15.K1", "QC.D15.K2")))


def _supply(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"information_supply.{name}", "information_supply", title_vi, title_en, SUPPLY_PROVISIONS)


def _product(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"press_product.{name}", "press_product", title_vi, title_en, PRODUCT_PROVISIONS)


RECORDED = _supply("recorded", "Thông tin được cung cấp cho báo chí", "Information was supplied to the press")
CORRECTED = _supply(
    "corrected", "Bản ghi cung cấp thông tin được sửa", "A record of supplied information was corrected"
)
PUBLISHED = _product("published", "Sản phẩm báo chí được đăng ký", "A press product was published")
CHANGED = _product("changed", "Sản phẩm báo chí thay đổi", "A press product changed")
EVENTS = (RECORDED, CORRECTED, PUBLISHED, CHANGED)

INFORMATION_SUPPLY = Machine(initial=SupplyState.recorded, moves=())
PRESS_PRODUCT = Machine(initial=ProductState.published, moves=())

"""Coordination service for external information of Đắk Lắk province (Quyết định 26/2013/QĐ-UBND)."""

__version__ = "0.1.0"

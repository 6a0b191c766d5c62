from tests.trail.conftest import hands

__all__ = ["hands"]

"""One request for a panel: the plan of its reading, what the plan says, and the panel."""

from .explain import plan_data, plan_text
from .request import PanelRequest
from .service import planned, served

__all__ = ["PanelRequest", "plan_data", "plan_text", "planned", "served"]

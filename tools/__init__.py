"""The five tools of an agent, in the fixed order in which a host lists them."""

from .compare import TOOL as COMPARE
from .compile import TOOL as COMPILE
from .deploy import TOOL as DEPLOY
from .run import TOOL as RUN
from .search import TOOL as SEARCH
from .tool import AnyTool, Call, Tool

TOOLS: tuple[AnyTool, ...] = (COMPILE, SEARCH, RUN, COMPARE, DEPLOY)

__all__ = ["TOOLS", "AnyTool", "Call", "Tool"]

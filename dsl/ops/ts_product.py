"""``ts_product(x, bars)``: the product of a window."""

from ..kernels import Panel, kernel
from ..laws import Laws
from ..nodes import Axis, Node, operator
from ..rolling.sums import PRODUCT, answer_product, push_product
from ..rolling.windows import roll
from ..rules import pure_if_pure


@operator("ts_product")
class TsProduct(Node):
    """The product of the last ``bars`` bars, of any sign; NaN where one of them is missing."""

    x: Node
    bars: int

    axis = Axis.TIME
    unit = pure_if_pure
    laws = Laws(plain_at_one_bar=True)
    example = "ts_product(1 + returns(close), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsProduct)
def ts_product(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the product; no logarithms, which would fail at 0 and below."""
    roll(x, x, bars, bars, first_bar, PRODUCT, push_product, answer_product, out)

"""The kinds of records: what a row of each holds, in which units, and how Arrow stores it."""

from .arrow import arrow_schema, conformed
from .kinds import KINDS, model_of, version
from .record import Record

__all__ = ["KINDS", "Record", "arrow_schema", "conformed", "model_of", "version"]

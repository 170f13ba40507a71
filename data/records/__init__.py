"""Records of every kind: Delta tables with idempotent upserts, revisions and reads as of."""

from .keeping import Kept
from .record_set import RecordSet, Upserted
from .records import Records

__all__ = ["Kept", "RecordSet", "Records", "Upserted"]

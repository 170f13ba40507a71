"""Ingestion: from a source's payloads to rows in tables, resumable at every instant."""

from .loop import ingest
from .pace import Manners
from .result import Ingested
from .source import Wanted
from .stores import Stores

__all__ = ["Ingested", "Manners", "Stores", "Wanted", "ingest"]

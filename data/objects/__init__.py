"""Payloads as they were received, each named by its SHA-256."""

from .objects import Objects

__all__ = ["Objects"]

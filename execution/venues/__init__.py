"""Venues, one file each, found by being there."""

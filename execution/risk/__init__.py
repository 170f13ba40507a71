"""The rows of the pre-trade risk table, one file each, found by being there."""

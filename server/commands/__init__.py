"""The commands of the CLI: one file each, named for it, with a ``COMMAND``."""

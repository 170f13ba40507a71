"""The statements of a strategy, one file each; a file here is a statement by being here."""

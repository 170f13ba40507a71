"""The language server: what ``dsl/editing`` knows, in the words of the Language Server Protocol."""

"""The language: text to typed tree, canonical form and fingerprint; opens no file, no socket."""

"""What editors are told about a text being written: pure functions of text and catalogue."""

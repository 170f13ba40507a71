"""What is wrong or odd in data, counted and graded; nothing is repaired."""

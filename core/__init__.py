"""Words of the domain; imports nothing of ours."""

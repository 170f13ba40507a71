"""Sources of data, one file each: which requests to make, and how to read what comes back."""

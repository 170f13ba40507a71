"""The demo: the whole main job, end to end, through the doors that everybody uses."""

"""What vendors and venues send, read into records: one file a source; no network, no clock."""

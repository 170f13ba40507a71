"""The book of a back-test: one compiled loop over bars, and the matrices it can be spread into."""

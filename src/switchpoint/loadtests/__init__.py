"""Results of load tests, as the tools that run them write them: read into one table, judged, and taken from."""

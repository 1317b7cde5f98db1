"""What `switchpoint run` and `switchpoint why` print and write: plain text, JSON, and the files of a folder."""

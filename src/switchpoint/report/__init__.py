"""What `switchpoint run` prints and writes: pages of plain text, JSON, and the files of a folder."""

"""What `switchpoint compare` prints: what differs, what comes out, and what made the difference."""

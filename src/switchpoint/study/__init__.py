"""Many worlds of one scenario: draws and what they say, what drives the answer, what would flip it."""

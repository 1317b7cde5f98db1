"""The page that answers: when to start, why, and what would change that."""

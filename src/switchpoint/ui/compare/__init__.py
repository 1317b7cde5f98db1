"""The page that holds scenarios against each other."""

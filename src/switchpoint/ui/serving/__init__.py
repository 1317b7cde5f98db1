"""The page of the fleet: what a replica carries, and how many it takes."""

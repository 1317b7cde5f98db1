"""The page of many draws: how sure all of it is."""

"""The page of what can be handed over: files for reviews, each made when it is asked for."""

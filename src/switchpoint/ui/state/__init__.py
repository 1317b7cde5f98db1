"""What is kept while one works: the scenario, what was changed in it, variants, results, and the link to all of it."""

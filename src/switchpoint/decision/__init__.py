"""What the dates are: pressure and its warning, crossover, start-by, and the verdict."""

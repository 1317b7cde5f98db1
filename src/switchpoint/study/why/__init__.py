"""What an advice hangs on: the inputs that move it most, and the thresholds at which it changes."""

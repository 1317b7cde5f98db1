"""What made the difference between two scenarios."""

"""What happens day by day in a world."""

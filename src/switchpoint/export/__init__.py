"""What leaves the tool for business reviews: files that people edit, send on and recalculate."""

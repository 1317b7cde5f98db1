"""What one replica of a model on GPUs can carry."""

"""The version of the package; a place of its own, so that whatever needs it imports nothing else."""

__version__ = "0.1.0"

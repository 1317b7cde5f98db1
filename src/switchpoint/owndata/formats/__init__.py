"""The formats of usage files, one a file: its columns, their units, and where they are documented."""

"""The scenario: its schema, uncertain quantities, and the files it is read from and written to."""

"""The front door for Python: what `import switchpoint` gives, in dates, tables and charts that a notebook shows."""

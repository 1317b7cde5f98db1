"""Batch sweeps: many variants of scenarios, run in chunks that are never lost, kept as Parquet, summarised."""

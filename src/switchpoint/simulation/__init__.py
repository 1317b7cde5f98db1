"""What happens day by day on the stay path and on the way to a candidate: the SimPy world and its ledger."""

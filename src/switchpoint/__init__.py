"""Switchpoint: when to move LLM traffic from a per-token API to a model of your own."""

__version__ = "0.1.0"

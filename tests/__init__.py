"""The tests of Switchpoint."""

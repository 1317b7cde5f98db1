"""Spoilt input at every door of the program: `make fuzz`, or `python -m tools.fuzz --help`.

What comes in through a door may be refused, in plain lines; it may not end in a traceback, a warning or a hang.
"""

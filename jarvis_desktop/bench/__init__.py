"""Measures this machine: the figures users paste into reports."""

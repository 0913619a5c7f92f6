"""Devices behind the port of `experiment.stimulator`."""

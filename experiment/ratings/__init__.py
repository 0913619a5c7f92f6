"""Ratings collected elsewhere: a table of answers and a small mapping file become a dataset."""

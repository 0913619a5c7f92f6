"""Runs sessions of the ball game: definitions in, a journal and a BIDS dataset out."""

"""From a BIDS dataset to scores, tests and tables: frames in, frames out."""

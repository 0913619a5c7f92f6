"""`python -m experiment` is `spot`."""

from experiment.cli import main

main()

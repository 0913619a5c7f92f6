"""Physical pain beside the game: thresholds, cold water, stimuli during a run.

What is planned comes from the files in `conditions/pain`, what may be given at all from the laboratory
(`experiment.limits`). The rules of a threshold are pure functions of what was answered.
"""

"""What the columns of the tables of items, throws and the wide table mean."""

from __future__ import annotations

ITEMS = {
    "reverse": "Whether the item is keyed reversed; its answers are described as given",
    "share_low": "Share of the answers at the low end of the item's scale (1)",
    "share_high": "Share of the answers at its high end (1)",
    "item_rest": "Correlation with the mean of the score's other items, after reversal",
    "alpha_without": "Cronbach's alpha of these others",
    "omega": "McDonald's omega total of a model of one factor (maximum likelihood)",
    "omega_low": "Lower limit of its 95 % interval (delta method, robust, on the logit scale)",
    "omega_high": "Upper limit of that interval",
    "omega_note": "Why there is no omega; n/a where there is one",
    "mean_percent": "The mean as percent of the maximum possible: 100 (mean - low) / (high - low)",
}

CODEBOOK = {
    "label": "What the variable is",
    "kind": "number or text",
    "values": "What a text may be, joined by semicolons, in the order of the design where there is one",
    "missing_code": "How missing is written",
}

THROWS = {
    "throws": "Throws of the run",
    "receptions": "Of these, how many reached the participant",
    "percent": "100 receptions / throws",
    "design_place": "Number of the run among those that the design asks for; n/a for a game beside it",
    "complete": "Whether the run came to its end",
    "counted": "Whether the run is in the tables; not one begun again later, or beside the design",
    "own_throws": "Throws of the participant",
    "last_received": "Number of the throw by which the ball came to the participant last",
    "throws_after": "Throws after that one, or of the whole run where the ball never came",
    "throw_first": "First throw of the bin; described is the share of its throws that a participant got (1)",
    "throw_last": "Last throw of the bin",
}

RESPONSES = {
    "n_throws": "Throws of the participant",
    "n_timed": "Of these, with a response time",
    "n_taken_over": "Of these, how often a co-player took the ball over; no response, and no choice",
    "n_interrupted": "Of these, during which the session was paused; their times are left out",
    "n_no_time": "Of these, without a time for another reason",
    "n_anticipations": "Presses before the ball was there; none of them throws",
    "n_quick": "Times below 0.1 s; counted, not left out",
    "n_outliers": "Times farther than 3 mad_s from the median; counted, not left out",
    "median_s": "Median of the response times (s)",
    "mad_s": "Median absolute deviation from the median, times 1.4826 (s)",
    "trimmed_mean_s": "Mean without the quickest and slowest fifth (s)",
    "mean_s": "Mean of the response times (s)",
    "sd_s": "Their standard deviation (n - 1) (s)",
    "log_mean": "Mean of the natural logarithms of the times in seconds",
    "geometric_mean_s": "Exponential of log_mean (s)",
}

CHOICES = {
    "coplayer": "Co-player, named as in the events",
    "n_chosen": "How often the participant chose this co-player",
    "n_choices": "Throws by a press of the participant's own (by co-player: while that one was there)",
    "share_chosen": "n_chosen / n_choices",
    "chance": "Mean of 1 / the number of co-players who could be thrown to",
    "favour": "share_chosen minus chance",
    "thrown_by": "Balls that this co-player threw",
    "to_participant": "How many of them to the participant",
    "n_runs_excluder": "Runs in which they threw 5 times or more after throw 10, never to the participant",
    "n_overruled": "Choices that the game sent to another co-player; they count as chosen",
    "n_after_reception": "Choices right after a ball from a co-player who is still there",
    "reciprocity": "Share of these that go back to that co-player",
    "reciprocity_chance": "Mean of 1 / the number of co-players who could be thrown to then",
    "reciprocity_excess": "reciprocity minus reciprocity_chance",
    "n_to_tell": "Choices after throw 10 in runs in which some co-players exclude and some do not",
    "to_excluders": "Share of these that go to excluders",
    "to_excluders_chance": "Mean share of excluders among those who could be thrown to then",
    "favour_excluders": "to_excluders minus to_excluders_chance",
}

WAITS = {
    "n_pauses": "Pauses of co-players before their throws",
    "n_pauses_interrupted": "Pauses during which the session was paused; left out",
    "pause_median_s": "Median of the pauses (s)",
    "pause_mean_s": "Mean of the pauses (s)",
    "pause_sd_s": "Their standard deviation (n - 1) (s)",
    "pause_min_s": "Shortest pause (s)",
    "pause_max_s": "Longest pause (s)",
    "n_waits": "Waits of the participant for the ball that ended with one",
    "n_waits_open": "Waits that went on until the end of a run",
    "n_waits_interrupted": "Waits during which the session was paused; left out",
    "wait_median_s": "Median of the waits that ended with a ball (s)",
    "wait_longest_s": "Longest wait, open ones included (s)",
    "wait_throws": "Most throws between others in one wait",
}

PLAY = ITEMS | CODEBOOK | THROWS | RESPONSES | CHOICES | WAITS

"""What every column of the written tables means, said once: sidecars and codebook take it from here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.bounds import BOUNDS
from analysis.overlap_columns import OVERLAP
from analysis.play_columns import PLAY
from analysis.timing_columns import SESSIONS as TIMING
from experiment.columns import OUTCOMES, PERMISSIONS

MEANINGS = OVERLAP | {
    "participant_id": "Code of the participant, with the prefix sub-",
    "session": "Session, with the prefix ses-",
    "run": "Run of the game that the form followed; n/a before any",
    "condition": "Condition that the participant was allocated to, or went through; n/a for none, or all",
    "factor": "Factor that the design crosses with the conditions",
    "factors": "Levels of the participant, as factor=level, joined by commas",
    "level": "Level of the factor to which the rows below the numbers belong",
    "level_a": "Level from which level_b is taken: (a - b at level_a) minus (a - b at level_b)",
    "level_b": "Level that is taken from level_a",
    "n_level_a": "Participants at level_a (within participants: complete pairs)",
    "n_level_b": "Participants at level_b (within participants: complete pairs)",
    "n_runs": "Runs (or forms) of which the values are made: each participant's value is the mean of theirs",
    "runs_min": "Fewest runs (or forms) of one participant below a value",
    "runs_max": "Most runs (or forms) of one participant below a value",
    "stage": "When the measure was asked; game for what was counted during the game",
    "measure": "Name of the measure; distress is a composite of this project's own",
    "subscale": "Name of the score within the measure",
    "score": "Score on its scale, from low to high; by participant, the mean over their runs",
    "n_items": "Items (or throws) below the score",
    "n_missing": "How many of the items, or of the participants, have no value",
    "low": "Least score (or answer to the item) possible",
    "high": "Greatest score (or answer to the item) possible",
    "high_means": "What a high score means",
    "role": "What the measure is for",
    "n": "Participants (within: complete pairs; trends within: all conditions; reliability: complete forms)",
    "mean": "Mean",
    "median": "Median",
    "min": "Least value",
    "max": "Greatest value",
    "sd": "Standard deviation (n - 1)",
    "se": "Standard error of the mean",
    "ci_low": "Lower limit of the 95 % confidence interval of the estimate before it",
    "ci_high": "Upper limit of the 95 % confidence interval",
    "q1": "First quartile (linear interpolation)",
    "q3": "Third quartile (linear interpolation)",
    "a": "Condition from which b is taken: every difference is a minus b",
    "b": "Condition that is taken from a",
    "design": "between or within participants",
    "difference": "Mean under a minus mean under b; of levels, the difference between two such differences",
    "t": "Welch's t between, paired t within participants; of levels, trends and models, t of the estimate",
    "df": "Degrees of freedom of t",
    "p": "Two-sided p value",
    "p_holm": "p corrected by Holm over the four needs of one measure and stage; n/a for other scores",
    "n_a": "Participants with a score under a",
    "n_b": "Participants with a score under b",
    "n_missing_a": "Participants without a score under a",
    "n_missing_b": "Participants without a score under b",
    "mean_a": "Mean under a",
    "mean_b": "Mean under b",
    "sd_a": "Standard deviation under a",
    "sd_b": "Standard deviation under b",
    "student_t": "Student's t (equal variances)",
    "student_df": "Degrees of freedom of Student's t",
    "student_p": "Two-sided p of Student's t",
    "d": "Cohen's d: difference divided by the pooled standard deviation",
    "d_low": "Lower limit of the 95 % interval of the standardised difference (noncentral t)",
    "d_high": "Upper limit of that interval",
    "g": "Hedges' g: d times the exact correction",
    "g_low": "d_low times the same correction",
    "g_high": "d_high times the same correction",
    "bf10": "Bayes factor of a difference against none (Cauchy prior, r = .707); n/a beyond 1e300",
    "log10_bf10": "Common logarithm of bf10",
    "u": "Mann-Whitney's U of a",
    "u_p": "Two-sided p of Mann-Whitney's test",
    "rank_biserial": "2 U / (n_a n_b) - 1",
    "r": "Pearson's correlation of the pairs; of a trend between participants, of score and dose",
    "d_z_low": "Lower limit of the 95 % interval of d_z (noncentral t)",
    "d_z_high": "Upper limit of that interval",
    "d_z": "Mean divided by standard deviation of the paired differences (of a trend, of the slopes)",
    "d_av": "Difference divided by the root mean square of the two standard deviations",
    "d_av_low": "Lower limit of the 95 % interval of d_av (Bonett 2008)",
    "d_av_high": "Upper limit of that interval",
    "bound_sd": "Stated bound of equivalence, in pooled SDs (within participants: SDs of the differences)",
    "bound": "The same bound in units of the score: bound_sd times the SD of the sample",
    "ci90_low": "Lower limit of the 90 % interval of the difference",
    "ci90_high": "Upper limit of the 90 % interval of the difference",
    "tost_p": "Larger p of two one-sided t tests (between: Welch) of the difference against -bound and bound",
    "equivalent": "Whether tost_p < .05: the 90 % interval lies within the bounds",
    "w": "Wilcoxon's smaller sum of ranks",
    "w_p": "Two-sided p of Wilcoxon's test",
    "n_left_out": "Without a complete pair, every condition (trends), covariates (models) or a complete form",
    "f": "F of Welch's analysis of variance; of a mixed model, of the effect",
    "df1": "Degrees of freedom of F, of the effect (conditions less one)",
    "df2": "Degrees of freedom of F, of its error (mixed models: Satterthwaite)",
    "k": "Number of conditions",
    "alpha": "Cronbach's alpha, each participant once; within participants for each condition",
    "skewness": "Skewness (adjusted, G1)",
    "shapiro_w": "W of Shapiro and Wilk",
    "shapiro_p": "p of W: small where the values are hardly normal",
    "share_floor": "Share of the values at the least score possible (0-1)",
    "share_ceiling": "Share of the values at the greatest score possible (0-1)",
    "variable": "What is described of the participants; in the codebook, the name of the column in wide.tsv",
    "value": "Option that was chosen; n/a for a number",
    "item": "Question, by its id",
    "answer": "Option of the question",
    "share": "n divided by all who answered (0-1)",
    "expected": "yes for the answer that an attention check asks for, else no; n/a for other questions",
    "p_holm_pairs": "p corrected by Holm over all pairs of conditions of one score",
    "p_games_howell": "p of Games and Howell's test over all pairs, between participants",
    "gh_low": "Lower limit of the simultaneous 95 % interval of the difference (Games and Howell)",
    "gh_high": "Upper limit of that interval",
    "doses": "Conditions and their dose (mean percent of throws received), from the least",
    "slope": "Change of the score per percent of throws received",
    "stages": "Stages in the model, the reference first",
    "conditions": "Conditions in the model, the reference first",
    "formula": "The model as R's lme4 writes it; covariates are centred",
    "n_scores": "Scores in the model, of n participants",
    "sd_participant": "Standard deviation of the participants' own levels; n/a: no part of the model",
    "sd_participant_condition": "Standard deviation of a participant's runs; n/a: no part of the model",
    "sd_residual": "Standard deviation of what is left over",
    "converged": "Whether the search for the greatest likelihood came to its end",
    "singular": "Whether a standard deviation of the model is estimated as 0",
    "note": "What was left out of the model, or why there is none",
    "effect": "What is tested: conditions over equal weights of the stages, and the other way round",
    "term": "Coefficient: what is taken from what, and at which stage or under which condition",
    "estimate": "Estimated coefficient, in units of the score",
    "cell": "Cell of the design; n/a where none was drawn; all is the sum",
    "sessions": "Sessions that were begun",
    **{name: f"Sessions (attrition: participants) that ended so: {said}" for name, said in OUTCOMES.items()},
    **{name: f"Permission to use the data: {said}" for name, said in PERMISSIONS.items()},
    "broken_off": "Runs of the game that were broken off",
    "in_tables": "Sessions whose participant lets the data be used",
    "pacing": "What kept the rhythm of the frames: display, emulated (a timer), simulated; n/a: not known",
    "n_sessions": "Sessions",
    "n_flagged": "Sessions that exceed a bound of timing; timing.tsv names them",
    "n_unknown": "Sessions of an earlier version, without planned onsets, longest frames and a second clock",
    "refresh_low": "Lowest refresh rate of the screens (Hz)",
    "refresh_high": "Highest refresh rate (Hz)",
    "frames": "Frames shown in the runs of the game",
    "frames_late": "Of these, later than one and a half frame periods after the one before",
    "share_late": "frames_late divided by frames",
    "frame_longest_ms": "Longest time from one frame to the next (ms)",
    "onset_p99_ms": "99 % of throws were seen this near to the time for which their frame was drawn (ms)",
    "pause_p99_ms": "99 % of the co-players' pauses were this near to their plan (ms)",
    "flight_p99_ms": "99 % of the flights were this near to their plan (ms)",
    "clock_drift_ms": "Largest disagreement of the sessions' clocks with a second one over a run (ms)",
    "n_responses": "Throws of participants by a press of their own",
    "share_mouse": "Share of these by mouse, whose times are less certain",
    "n_allocated": "Participants whose cell was drawn, whatever they permit",
    "n_not_completed": "Of these, with a session that did not reach the end of the protocol",
    "n_not_permitted": "Of these, whose permission to use the data was refused or is unanswered",
    "what": "What is compared: not_completed or not_permitted, as the columns of attrition",
    "test": "fisher (exact, 2 x 2), chi_square, or chi_square_simulated where a cell expects fewer than 5",
    "allocated_a": "Participants allocated to a",
    "allocated_b": "Participants allocated to b",
    "events_a": "Of these under a, how many did not complete, or did not permit",
    "events_b": "The same under b",
    "statistic": "Odds ratio of the sample (fisher), or chi-square",
    "chi_square_df": "Degrees of freedom of chi-square; n/a where it was simulated",
    "risk_difference": "Share of events under a minus share under b, with Newcombe's interval",
    "file": "File of exclusion rules; everyone is the primary analysis",
    "rule": "Number of the rule in its file, from 1",
    "looks_at": "What the rule looks at",
    "criterion": "What of it leaves a participant out",
    "found": "First value that meets the rule; n/a where it is missing and the rule leaves such people out",
    "n_values": "How many values of the participant meet the rule",
    "first": "Whether it is the first rule of its file that the participant meets",
    "step": "allocated - no_permission = permitted; - no_score = analysed; - every excluded = left",
    "n_any": "Participants who meet the rule, whether or not they are counted under an earlier one",
    **PLAY,
    "place": "File or session within the dataset",
    "reason": "Why it was left out",
}


def sidecar(columns: Iterable[str]) -> dict[str, Any]:
    """Return the description of each column, as BIDS wants it in the file beside a table."""
    return {column: {"Description": MEANINGS[column]} for column in columns}


def overlap_sidecar(columns: Iterable[str]) -> dict[str, Any]:
    """Return the same of a table of the overlap, where some columns mean something else."""
    return {column: {"Description": OVERLAP.get(column) or MEANINGS[column]} for column in columns}


def wide_sidecar(codebook: pd.DataFrame) -> dict[str, Any]:
    """Describe the columns of the wide table, as the codebook has them."""
    named = zip(codebook["variable"], codebook["label"], strict=True)
    return {str(variable): {"Description": str(label)} for variable, label in named}


def timing_sidecar() -> dict[str, Any]:
    """Describe the timing's columns, and beside its flags the bounds."""
    described: dict[str, Any] = {
        column.name: {"Description": column.meaning} | ({"Units": column.unit} if column.unit else {})
        for column in TIMING
    }
    described["flags"]["Levels"] = {bound.name: bound.stated for bound in BOUNDS}
    return described

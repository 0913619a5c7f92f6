"""What columns of the overlap's tables mean that other tables lack, or use for something else."""

from __future__ import annotations

OVERLAP = {
    "kind": "sensitivity (threshold or tolerance with distress), pain (distress with a pain rating), "
    "control and sensitivity_control (the same with a rating of something not painful)",
    "x_measure": "Measure of x: distress, or the pain task",
    "x_subscale": "Score of x",
    "x_stage": "When x was asked; probes or during: the mean of several ratings of a game",
    "y_measure": "Measure of y: a rating of pain or of something not painful, or distress",
    "y_subscale": "Score of y",
    "y_stage": "When y was asked; probes or during: the mean of several ratings of a game",
    "control_measure": "Measure of the rating that is not painful",
    "control_subscale": "Score of that rating",
    "control_stage": "When it was asked",
    "over": "condition: within one condition; adjusted: conditions together, each value less the mean of "
    "its condition; partial: adjusted for covariates too; between_persons: means of people who went "
    "through every condition, adjusted; within_person: their values less their own mean and that of the "
    "condition",
    "condition": "The condition; n/a where all are taken together",
    "adjusted_for": "What was taken out of both before they were correlated; n/a for nothing",
    "n": "Participants in it; n of the table of needed participants: how many it takes",
    "n_missing": "Participants left out because a value (or a covariate) is missing",
    "n_censored": "Participants left out because the task reached its highest level or cap first",
    "r": "Pearson's correlation; of the table of needed participants, the one to be found",
    "ci_low": "Lower limit of the 95 % interval of the estimate before it (r: Fisher's z; difference: Zou "
    "2007)",
    "ci_high": "Upper limit of that interval",
    "t": "t of the estimate (difference: Williams); of comparisons Welch's t, or the paired t within",
    "df": "Degrees of freedom of t (mixed models: Satterthwaite)",
    "p": "Two-sided p value; beside f, of F",
    "bf10": "Bayes factor of a correlation against none (uniform prior from -1 to 1), two-sided; of "
    "comparisons, of a difference (Cauchy prior, r = .707); n/a beyond 1e300",
    "log10_bf10": "Common logarithm of bf10",
    "rho": "Spearman's rank correlation; adjusted, of ranks within each condition",
    "rho_low": "Lower limit of its 95 % interval (Bonett & Wright 2000)",
    "rho_high": "Upper limit of that interval",
    "rho_p": "Two-sided p of rho, by t",
    "half_width": "Half the width of the interval of r",
    "detectable": "Correlation that this n finds with a power of .80, two-sided .05",
    "r_pain": "Correlation of distress with the pain rating",
    "r_control": "Correlation of distress with the control rating, in the same participants",
    "r_between": "Correlation of the pain rating with the control rating",
    "difference": "r_pain minus r_control; of comparisons, the mean under a minus the mean under b",
    "term": "Of slopes a condition, common (the same slope for all), a - b (slope under a minus under b), "
    "or condition x slope (all slopes alike); of models the coefficient",
    "slope": "Change of y for each unit of x",
    "se": "Standard error (slopes: HC3, or by leaving out each participant where these come several times)",
    "f": "F of all slopes being alike",
    "df1": "Degrees of freedom of F: conditions less one",
    "df2": "Degrees of freedom of its error",
    "outcome": "Measure that was rated after each stimulus",
    "outcome_subscale": "Score of that measure",
    "n_scores": "Ratings in the model",
    "n_left_out": "Participants without distress or without a rating; of comparisons, without a complete "
    "pair",
    "formula": "The model as R's lme4 writes it; distress is centred within its condition",
    "estimate": "Coefficient, in units of the rating (of distress: for each unit of it)",
    "note": "Why there is no model",
    "power": "Power that is wanted",
    "adjusted": "How many numbers the correlation is adjusted for (conditions less one)",
}

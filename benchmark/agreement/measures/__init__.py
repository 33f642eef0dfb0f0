"""How alike two or more labellings are: one measure per file, each as an array function of padded lists.

Labels are [Q, L]: a row for each query, a column for each listed document, NaN where there is no label. What a measure
needs is first summed for each query (`sums`), then made into a number; so a bootstrap over queries is a matrix product
(see `agreement.resample`).

confusion    how often each pair of categories was given
kappa        Cohen's kappa, weighted or not
alpha        Krippendorff's alpha: any number of raters, labels may be missing
within       kappa and alpha whose chance is that of each list
auc          area under the ROC curve, within a query and pooled
pairs        pairwise accuracy within a query
tau          Kendall's tau-b within a query
calibration  reliability bins, expected calibration error, Brier score
leniency     the mean grade against another rater's
position     the value by the place in the prompt, and the slope of it
preference   pairs that were asked in both orders
"""

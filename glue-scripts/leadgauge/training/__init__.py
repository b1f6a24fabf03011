"""Training: from a file of labelled leads to a model package with its card, its report and its plots."""

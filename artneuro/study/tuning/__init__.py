"""Tuning: hyper-parameters of a study searched on a validation split, from the section `tune` of its file."""

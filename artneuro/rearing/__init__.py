"""Rearing."""

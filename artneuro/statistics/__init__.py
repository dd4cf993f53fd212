"""Statistics of cohorts: labelled records in, tables and sentences out."""

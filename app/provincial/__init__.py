"""The plans of the province (QC.D8.K2)."""

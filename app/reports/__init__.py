"""The agencies' reports: annual, interim, ad hoc (QC.D7.K3)."""

"""The money of a year: the agencies' estimates and the province's budget (QC.D7.K1, QC.D8.K9, QC.D12)."""

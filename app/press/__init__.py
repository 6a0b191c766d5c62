"""The press: events, guidance, supplied information, press products (QC.D7.K2, QC.D8.K3, QC.D8.K7, QC.D15)."""

"""The agencies' plans (QC.D7.K1)."""

"""Who owes what, by when (QD.D2, QC.D7, QC.D8)."""

"""The agencies' reports, what is asked of them, and what the coordinator makes of them (QC.D7.K3, QC.D8.K8)."""

"""What is measured, for whoever watches the service: Prometheus' text format at /metrics."""

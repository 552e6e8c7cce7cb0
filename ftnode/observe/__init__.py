"""What a process says about itself: one line per decision, metrics for Prometheus."""

"""Records: every duty that plans, reports and press events do not cover, each as a kind of one resource."""

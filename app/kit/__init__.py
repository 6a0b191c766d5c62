"""What every floor stands on and what knows nothing of the domain."""

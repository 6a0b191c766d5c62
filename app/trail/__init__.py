"""What happened, for ever: the append-only log that the audit, the feed and the webhooks all read."""

"""What everybody may read, with or without a token: the provincial portal, calendars, feed readers."""

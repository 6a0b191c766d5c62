"""Tasks of the issued provincial plan: who carries them out, how far they are, who works with whom."""

"""From utterances to a timeline, its result and its explanation."""

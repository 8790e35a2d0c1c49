"""Where speech is: voice activity and utterances."""

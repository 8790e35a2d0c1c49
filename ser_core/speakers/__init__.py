"""Who spoke when: voices told apart, without knowing whose they are."""

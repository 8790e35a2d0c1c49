"""What is said: words with their times, by an optional library."""

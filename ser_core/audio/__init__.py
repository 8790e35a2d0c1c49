"""Sound: clips, decoding, levels, quality of a recording."""

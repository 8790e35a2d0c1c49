"""Recordings of any kind to sound: tracks, channels, clocks, damage."""

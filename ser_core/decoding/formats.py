"""Formats that a visitor is told of; FFmpeg reads many more."""

COMMON = ("wav", "mp3", "m4a", "flac", "ogg", "opus", "webm", "mp4", "aac", "amr")

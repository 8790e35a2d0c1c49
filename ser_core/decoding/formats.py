"""Endings of the files that phones, recorders, messengers, browsers and archives write."""

READABLE = (
    *("wav", "mp3", "m4a", "flac", "ogg", "opus", "webm", "mp4", "aac", "amr", "3gp", "mov", "mkv"),
    *("wma", "aif", "aiff", "aifc", "caf", "au", "snd", "w64", "rf64", "oga", "mka", "mp2", "weba"),
    *("3g2", "3gpp", "m4b", "m4v", "avi", "ts", "mpg", "mpeg", "wmv", "ogv", "flv", "sph", "voc"),
)
COMMON = ("wav", "mp3", "m4a", "flac", "ogg", "opus", "webm", "mp4", "aac", "amr")

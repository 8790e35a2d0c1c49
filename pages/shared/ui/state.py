"""Names of the session keys that more than one function uses."""

# Model comparison
PROTOCOL = "protocol"
SECTION = "section"
SCORE = "score"
CLASSES = "classes"
ACTORS = "actors"
LENGTH = "length"
MODEL_A = "a"
MODEL_B = "b"
SHARE = "cells"
ACTED = "acted"
HEARD = "heard"
CELL_CLICKED_AT = "cell_clicked_at"  # ms
SIDE = "of"
LISTEN = "listen"  # the clip that is heard
SEX = "sex"
INTENSITY = "intensity"
STATEMENT = "statement"

# Dataset explorer; where a widget is bound to the URL its key is the parameter's name
CORPUS = "corpus"
EMOTIONS = "emotion"
VOICE = "voice"  # sex
STRENGTH = "strength"  # intensity
SENTENCE = "sentence"  # statement
SPEAKERS = "speakers"
PART = "part"  # the open tab
UPLOADED = "uploaded_corpus"
SPLIT_BY = "split"
MAP_BY = "map"
CLIP = "clip"
MAP_CLICK = "map_click"

# Live demo; the tab's key is also the name of its URL parameter
TAB = "tab"
EXAMPLE = "example"  # the recording whose result is shown; also the URL's parameter
EXAMPLE_RESULT = "example_result"
LIVE_MODEL = "live_model"
LIVE = "live"  # the session with the microphone
ADAPT = "adapt_to_voice"
RESULTS = "results"
SOURCES = "sources"  # the wanted track and channel of files
FINDINGS = "findings"  # about results
UPLOAD_ROUND = "upload_round"
VOICES = "voices"  # how many speak in a file; also the URL's parameter
SHOWN_FILE = "shown_file"  # of several, the one whose result is on the page

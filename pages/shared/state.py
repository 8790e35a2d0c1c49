"""Names of the session keys that more than one function uses."""

THEME = "theme_in_use"

# Model comparison
PROTOCOL = "protocol"
MODEL_A = "a"
MODEL_B = "b"
SHARE = "cells"
ACTED = "acted"
HEARD = "heard"
SIDE = "of"
SEX = "sex"
INTENSITY = "intensity"
STATEMENT = "statement"

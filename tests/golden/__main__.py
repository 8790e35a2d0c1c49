"""Write the feature values that tests compare with: only where features are meant to change."""

import json

from ser_core.features.config import FEATURE_CODE_VERSION
from tests.golden.features import FILE, values


def main() -> None:
    content = {"version": FEATURE_CODE_VERSION, "values": values()}
    FILE.write_text(json.dumps(content) + "\n", encoding="utf-8")


main()

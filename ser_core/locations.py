"""Where the app, the models and a person's data lie: in a checkout, or beside what is installed."""

from pathlib import Path

from platformdirs import user_data_path

_BESIDE = Path(__file__).parents[1]
_INSTALLED = _BESIDE / "speech_emotion_app"  # so a wheel calls the folder of app.py


def _is_checkout() -> bool:
    return (_BESIDE / "app.py").is_file()


def app_dir() -> Path:
    """The folder of app.py, of its pages and settings, and of the models that come along."""
    return _BESIDE if _is_checkout() else _INSTALLED


def data_dir() -> Path:
    """The folder of recordings: data in a checkout, else the system's place for a user's data."""
    return _BESIDE / "data" if _is_checkout() else user_data_path("speech-emotion")

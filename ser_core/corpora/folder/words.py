"""The words for emotions and sexes that tables and folders use, in several languages."""

import difflib
import unicodedata
from collections.abc import Iterable

from ser_core.emotions import Emotion

UNKNOWN = "unknown"
_NEAR = 0.8  # of 1: how alike a slip of the pen is

_ENGLISH = {
    Emotion.NEUTRAL: "neutral neutrality neu",
    Emotion.CALM: "calm calmness relaxed peaceful serene",
    Emotion.HAPPY: "happy happiness joy joyful glad cheerful hap",
    Emotion.SAD: "sad sadness sorrow sorrowful unhappy",
    Emotion.ANGRY: "angry anger furious fury rage mad ang",
    Emotion.FEARFUL: "fearful fear afraid scared frightened anxious anxiety fea",
    Emotion.DISGUST: "disgust disgusted disgusting dis",
    Emotion.SURPRISED: "surprised surprise pleasant_surprise ps astonished sur",
}
_GERMAN = {
    Emotion.NEUTRAL: "neutralität",
    Emotion.CALM: "ruhig ruhe gelassen gelassenheit entspannt",
    Emotion.HAPPY: "freude fröhlich froehlich fröhlichkeit froh glücklich gluecklich glück freudig",
    Emotion.SAD: "traurig trauer traurigkeit",
    Emotion.ANGRY: "wütend wuetend wut ärger aerger ärgerlich aergerlich zorn zornig",
    Emotion.FEARFUL: "angst ängstlich aengstlich furcht furchtsam",
    Emotion.DISGUST: "ekel angeekelt abscheu",
    Emotion.SURPRISED: "überrascht ueberrascht überraschung ueberraschung erstaunt",
}
_FRENCH = {
    Emotion.NEUTRAL: "neutre neutralité",
    Emotion.CALM: "calme détendu",
    Emotion.HAPPY: "joie joyeux joyeuse heureux heureuse bonheur",
    Emotion.SAD: "triste tristesse",
    Emotion.ANGRY: "colère en_colère fâché énervé",
    Emotion.FEARFUL: "peur effrayé apeuré",
    Emotion.DISGUST: "dégoût dégoûté",
    Emotion.SURPRISED: "surpris",
}
_SPANISH = {
    Emotion.NEUTRAL: "neutro neutra neutralidad",
    Emotion.CALM: "calma calmado tranquilo tranquila tranquilidad",
    Emotion.HAPPY: "feliz felicidad alegre alegría",
    Emotion.SAD: "tristeza",
    Emotion.ANGRY: "ira enojo enojado enfado enfadado rabia",
    Emotion.FEARFUL: "miedo temor asustado",
    Emotion.DISGUST: "asco disgusto repugnancia",
    Emotion.SURPRISED: "sorpresa sorprendido sorprendida",
}
_ITALIAN = {
    Emotion.NEUTRAL: "neutrale neutralità",
    Emotion.CALM: "calmo tranquillo",
    Emotion.HAPPY: "gioia felice felicità allegro",
    Emotion.SAD: "tristezza",
    Emotion.ANGRY: "rabbia arrabbiato arrabbiata",
    Emotion.FEARFUL: "paura impaurito spaventato",
    Emotion.DISGUST: "disgustato",
    Emotion.SURPRISED: "sorpreso sorpresa",
}
_POLISH = {
    Emotion.NEUTRAL: "neutralny neutralność",
    Emotion.CALM: "spokój spokojny",
    Emotion.HAPPY: "radość radosny szczęście szczęśliwy",
    Emotion.SAD: "smutek smutny",
    Emotion.ANGRY: "złość zły gniew",
    Emotion.FEARFUL: "strach lęk",
    Emotion.DISGUST: "wstręt obrzydzenie",
    Emotion.SURPRISED: "zaskoczenie zaskoczony zdziwienie",
}
LANGUAGES = {
    "English": _ENGLISH,
    "German": _GERMAN,
    "French": _FRENCH,
    "Spanish": _SPANISH,
    "Italian": _ITALIAN,
    "Polish": _POLISH,
}
_FEMALE = (
    "f female females w woman women girl weiblich frau frauen femme femmes féminin mujer mujeres "
    "femenino donna donne femminile kobieta kobiety"
)
_MALE = (
    "m male males man men boy männlich mann männer homme hommes masculin hombre hombres masculino "
    "uomo uomini maschile mężczyzna mężczyźni"
)


def fold(text: str) -> str:
    """A text as it is compared: no capitals, no accents, one space for whatever is no letter."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    letters = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


_EMOTIONS = {
    fold(word): emotion
    for language in LANGUAGES.values()
    for emotion, words in language.items()
    for word in words.split()
}
_SEXES = {fold(word): "female" for word in _FEMALE.split()} | {
    fold(word): "male" for word in _MALE.split()
}


def emotion_of(word: str) -> Emotion | None:
    """The emotion that a word names; None where it names none of the eight."""
    return _EMOTIONS.get(fold(word))


def sex_of(word: str) -> str | None:
    """The sex that a word names: "female" or "male"."""
    return _SEXES.get(fold(word))


def no_emotion(word: str) -> str:
    """Why a word is no label, with the emotion that it may have meant."""
    said = f"“{word}”" if word else "an empty field"
    return f"{said} is none of the eight emotions{nearest([word])}"


def nearest(words: Iterable[str]) -> str:
    """The name of an emotion that one of some words may have meant, as " (freude: happy?)"."""
    for word in words:
        for near in difflib.get_close_matches(fold(word), _EMOTIONS, n=1, cutoff=_NEAR):
            return f" ({near}: {_EMOTIONS[near]}?)"
    return ""


def accepted_words() -> str:
    """A line per emotion with every word that names it."""
    lines = []
    for emotion in Emotion:
        words = " ".join(language[emotion] for language in LANGUAGES.values()).split()
        names = dict.fromkeys(word.replace("_", " ") for word in words)
        lines.append(f"{emotion}: {', '.join(w for w in names if w != emotion)}")
    return "\n".join(lines)

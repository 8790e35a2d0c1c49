"""What the figures of the pages mean, in plain words: one text for pages, tables and About."""

from collections.abc import Mapping
from types import MappingProxyType

GLOSSARY: Mapping[str, str] = MappingProxyType(
    {
        "Balanced recall": "Of the clips of each emotion, the share that is heard rightly; then "
        "the mean over the emotions, so that a rare one counts as much as a frequent one. Also "
        "called UA, unweighted average recall.",
        "Accuracy": "The share of all clips that is heard rightly. Also called WA, weighted "
        "accuracy.",
        "F1": "Recall and precision in one figure: it is high only where both are. Macro-F1 is "
        "the mean over the emotions.",
        "Recall": "Of the clips acted so, the share that is heard so.",
        "Precision": "Of the clips heard so, the share that was acted so.",
        "Interval": "Where the figure would lie for 95 of 100 draws of other speakers: a narrow "
        "interval means that luck plays a small part.",
        "Gap": "Accuracy on the clips a model learned from, minus accuracy on unseen ones: how "
        "much it learned by heart.",
        "Latency": "How long one answer takes: the median for one window of sound, features and "
        "network, on one processor core.",
        "Calibration error": "Between how sure a model is and how often it is right, the mean "
        "distance in percentage points. At 3.6, answers that are 80 percent sure are right in "
        "about 76 to 84 of 100 cases. Also called ECE.",
        "Temperature": "One number that a model's probabilities are softened by after training, "
        "so that they mean what they say.",
        "AUC": "How often a clip of a class gets a higher probability of it than a clip of "
        "another class. 50 percent is chance, 100 percent is perfect.",
        "McNemar's test": "Could chance alone make two models differ so? It looks at the clips "
        "that only one of them names rightly. A small p says that chance is unlikely.",
        "Signal to noise": "How much louder the voice is than the noise, in decibels (dB). At 0 "
        "both are as loud.",
        "Oversampling": "Clips of the rarer emotions are drawn again in training until every "
        "emotion has as many.",
        "dBFS": "Level of a recording in decibels below the loudest that a file can hold. 0 is "
        "the most; speech mostly lies between -40 and -15.",
        "LUFS": "Loudness as ears weigh it, in decibels below the loudest that a file can hold. "
        "Two of them are apart by loudness units (LU).",
        "Pitch": "How high a voice is: its fundamental frequency, f0, in hertz (Hz). A semitone is "
        "the step between two neighbouring keys of a piano.",
        "MFCC": "Numbers that describe the colour of a sound in short frames: the coarse shape of "
        "its spectrum, as ears space it.",
        "Spectrogram": "A picture of sound: time to the right, frequency upwards, the darker the "
        "louder.",
        "Cohen's d": "How far the mean of an emotion lies from that of all other clips, in "
        "standard deviations. 0.2 is a small difference, 0.8 a large one.",
        "Eta squared": "The share of the differences between clips that lies between groups, such "
        "as speakers, and not within them.",
    }
)


def meaning(*names: str) -> str:
    """What some words mean, each in a paragraph.

    Args:
        names: of the glossary; the name is left out where there is one.
    """
    if len(names) == 1:
        return GLOSSARY[names[0]]
    return "\n\n".join(f"{name}: {GLOSSARY[name]}" for name in names)

"""The headings of every page and state, each with its level, as a screen reader lists them."""

OUTLINES: dict[str, tuple[str, ...]] = {
    "home": (
        "1 What does this voice sound like?",
        "2 Try an example",
        "2 Live demo",
        "2 Dataset",
        "2 Models",
    ),
    "home, nothing installed": (
        "1 What does this voice sound like?",
        "2 Try an example",
        "2 Live demo",
        "2 Dataset",
        "2 Models",
    ),
    "dataset, Clips": (
        "1 Dataset",
        "2 Map of voices",
        "2 angry, strong speaker 1, male, “Kids are talking by the door”, first take",
    ),
    "dataset, Descriptors": (
        "1 Dataset",
        "2 How does pitch differ between emotions?",
        "2 Which descriptors tell the emotions apart?",
        "2 How much is the speaker instead?",
    ),
    "dataset, Two clips": (
        "1 Dataset",
        "2 A angry, strong speaker 1, male, “Kids are talking by the door”, first take",
        "2 B neutral, normal speaker 1, male, “Kids are talking by the door”, first take",
        "2 What differs most",
    ),
    "dataset, Counts": (
        "1 Dataset",
        "2 Clips per emotion",
    ),
    "dataset, Health": (
        "1 Dataset",
        "2 Are the recordings complete?",
        "2 Are they well recorded?",
        "2 What gives the answer away?",
        "3 How far one number gets",
        "3 Level of each emotion",
    ),
    "dataset, Corpora": (
        "1 Dataset",
        "2 The corpora side by side",
        "3 Clips per emotion",
        "3 How the emotions they share sound",
        "2 Where they come from",
        "3 RAVDESS",
        "3 EMO-DB",
        "3 nEMO",
        "3 ASED",
        "3 TurEV-DB",
    ),
    "dataset, Your folder": (
        "1 Dataset",
        "2 Your own folder as a corpus",
    ),
}

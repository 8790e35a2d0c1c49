from html import escape

import streamlit as st

from pages.shared.ui import cache, components, wording
from pages.shared.ui.terms import explained
from ser_core.corpora import registry as corpora
from ser_core.corpora.splits import folds
from ser_core.evaluation.baselines import CHANCE
from ser_core.faces.track import UNTESTED
from ser_core.formatting import NBSP, percent, thousands
from ser_core.glossary import GLOSSARY
from ser_core.protocols import Protocol

STEPS = (
    ("Sound", "Any file, recording or microphone becomes one channel at 16 kHz."),
    (
        "Speech",
        "A small detector (Silero VAD) finds the utterances. Silence and noise get no answer.",
    ),
    (
        "Features",
        "Each window becomes a picture of its spectrum and figures of pitch and timbre, none of "
        "which change with loudness. Each model gets those it learned from.",
    ),
    ("Model", "The model turns up to three seconds of it into eight probabilities."),
    ("Answer", "Windows are joined to segments. Below a threshold the answer is “not sure”."),
)


def section(title: str) -> None:
    st.space("small")
    components.heading(title)


def paragraphs(*texts: str) -> None:
    st.html("".join(f'<p class="ser-text">{text}</p>' for text in texts))


def models() -> None:
    bundles = [bundle for bundle in cache.bundles() if bundle.card is not None]
    if not bundles:
        components.no_model()
        return
    for bundle in bundles:
        card = bundle.card
        title = f"{bundle.title}: {card.family}" if card.family else bundle.title
        with st.expander(components.plain(title)):
            facts = {
                "For": card.intended_use,
                "Limits": card.limits,
                "Learned from": "; ".join(
                    f"{c.title}, {thousands(c.clips)} clips by {c.speakers} speakers"
                    for c in card.corpora
                )
                or "Not written yet.",
                "Licence": card.licence,
                "Size": f"{thousands(card.parameters)} parameters",
                "Not sure": f"below {percent(card.abstain_threshold)} for the likeliest emotion",
                "Made by": card.command,
            }
            components.facts(facts)


components.title_row("About")
scored = {
    bundle.title: bundle.metrics
    for bundle in cache.bundles()
    if bundle.scores(Protocol.SPEAKER_INDEPENDENT)
}
components.lead(
    "This app says what a voice sounds like to a model that learned from acted speech. "
    "It does not know what anybody feels."
)

section("How it works")
components.steps(STEPS)

section("How it is scored")
paragraphs(
    "<b>Unseen speakers</b> is the score that counts. The "
    f"{corpora.get(corpora.SCORED).info.speakers} speakers form {len(folds(corpora.SCORED))} "
    "groups; each group is judged by a model that never heard one of its voices. Every clip gets "
    "one such answer, and those answers are what the Models page shows and plays.",
    "<b>Random clips</b> is shown for comparison. There a fifth of the clips is drawn at random, "
    "so the model has met every voice before: what it knows of the speakers leaks into the "
    "score.",
    f"Scores are balanced: the mean of the eight recalls. Intervals hold for 95{NBSP}% of draws of "
    f"other speakers. Chance is {percent(CHANCE, 1)}. {wording.LISTENERS}.",
    f"{wording.LEARNT} The recipe is the same. "
    f"{wording.whole_clips([m.protocols[Protocol.SPEAKER_INDEPENDENT] for m in scored.values()])}",
)

section("Words")
components.facts(dict(GLOSSARY))

section("Limits")
paragraphs(
    "Acted speech from a studio: two English sentences; some models heard ten German ones as "
    "well. Everyday emotion is subtler; other ages, accents, real rooms and spontaneous speech "
    "were not tested, and voices in the background mislead every model.",
    f"Of a film the face is looked at where somebody asks for it. {escape(UNTESTED)}",
    "A probability says how sure a model is, not how strong an emotion is. "
    f"{escape(wording.calibration(scored))} {explained('Calibration error')}",
)

section("Models")
models()

section("Corpora and licences")
for name in corpora.names():
    info = corpora.get(name).info
    components.facts(
        {
            "Corpus": info.title,
            "Language": info.language,
            "Size": f"{thousands(info.clips)} clips by {info.speakers} speakers",
            **({"Left out": info.left_out_note()} if info.left_out else {}),
            "Licence": info.licence,
            **({} if info.trains else {"Use": "for tests alone: no model here learns from it"}),
            "Cite": info.citation,
        }
    )
paragraphs(
    "Of EMO-DB, compressed copies come along to be listened to. The recordings themselves are not "
    "part of this project; they are fetched from their official archive, where one is offered. "
    "The code is under the MIT licence, and so are the speech detector, Silero VAD, the part of "
    "Whisper that the transformer listens through, and face-api.js, whose networks look at faces."
)

section("Privacy and law")
paragraphs(
    f"{wording.KEPT} A page that lost its connection may come back within "
    f"{st.get_option('server.disconnectedSessionTTL')} seconds; after that nobody reaches its "
    "sound, and the memory is freed when the next page closes. Nothing is sent to another service "
    "and no usage is counted.",
    "In the European Union, inferring emotions of people at work or in education is prohibited "
    "(AI Act, Article 5(1)(f)); where such a system is allowed, the people concerned must be told. "
    "Do not use this app for decisions about anybody.",
)

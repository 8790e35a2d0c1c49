"""What bundles say in words; the README of a model is generated from its JSON files alone."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import asdict

from ser_core.bundles.card import ModelCard, TrainingCorpus
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.predictions import load_predictions
from ser_core.corpora.folder.own import UNSTATED
from ser_core.corpora.registry import get, is_own
from ser_core.evaluation.baselines import CHANCE, PEOPLE, beside_people
from ser_core.protocols import Protocol
from train.config import TRANSFORMER
from train.publish import tables
from train.publish.tables import percent

FAMILIES = {
    "mlp": "Multilayer perceptron on statistics of MFCC and their deltas over the utterance",
    "cnn": "1-D convolutional network on the MFCC time series",
    "lstm": "Recurrent network (LSTM) on the MFCC time series",
    "logistic": "Multinomial logistic regression on acoustic functionals",
    "svm": "Least-squares support vector machines, Gaussian kernel, on acoustic functionals",
    "boosting": "Gradient boosted trees on acoustic functionals",
    TRANSFORMER: "Means of the first blocks of Whisper base's encoder, less those of the same "
    "voice's other utterances; linear head",
}
TITLES = {
    TRANSFORMER: "Transformer",
    "logistic": "Logistic regression",
    "boosting": "Boosted trees",
}
INTENDED_USE = (
    "Teaching, research and demonstrations: to show which acted emotion a short recording of one "
    "speaker sounds like, and how unsure that is. Not for judging people: in the European "
    "Union, inferring emotions at work and in education is prohibited (AI Act, Art. 5(1)(f))."
)
_LIMITS = (
    "Learnt from actors in a studio: {learnt}. Acted, isolated emotion; other ages and spontaneous "
    "speech were not tested, and where noise, another room or another language was, it cost "
    "accuracy: see the scores on other recordings. It says what a voice sounds like, not what a "
    "person feels. The scores come from actors whom the scored models never heard."
)
_OWN_LIMITS = (
    "Learnt from {clips} recordings of {speakers} speakers, labelled by whoever made them; nothing "
    "is known of other speakers, rooms and languages. It says what a voice sounds like, not what "
    "a person feels. Scores of random splits promise too much: they come from speakers who were "
    "heard in training."
)
_OWN_CHOSEN = (
    "The recipe was chosen on RAVDESS. Folds share no speaker: those of the next fold choose the "
    "epoch and the temperature of a fold, those of the fold itself are scored once, through the "
    "exported file and the code that serves people. The shipped weights were trained on every "
    "recording, so their honest score is the one of the folds."
)
_FOLDS = (
    "In each of the six folds, 4 actors test, the 4 test actors of the next fold validate, and 16 "
    "train; a network keeps the epoch with the lowest validation loss (with refit it then learns "
    "once more from all 20 for that many epochs), and the fold's test actors are scored, once, "
    "through the exported file and the code that serves people."
)
_SHIPPED = (
    "The shipped weights were trained on all 24 actors for the median of the folds' best epochs, "
    "so their honest score is the one of the folds."
)
CHOSEN = (
    f"Settings were chosen on validation actors only. {_FOLDS} Where a teacher helped (distil "
    "above 0), it learned from its pupil's actors alone. "
    "A fold's temperature comes from its validation actors; the shipped one and the abstain "
    "threshold (the least sure fifth falls below it) from those of all folds. As every actor "
    "validates one fold, and between ten and forty settings of each model were compared by their "
    f"mean over folds, that choice may flatter the score by up to a point. {_SHIPPED}"
)
PRETRAINED = (
    "The encoder was taught by others to transcribe 680 000 hours of speech from the web (Radford "
    "et al. 2022). That list is not public, so nobody can say whether a test actor's voice was in "
    "it; no emotion label was, and none of its weights was changed here."
)
DISTURBED = (
    "UA in percent on every third tested clip of the same folds, each disturbed before its speech "
    "is found. Signal-to-noise ratios count the speech, not the pauses; babble is six neutral "
    "recordings of other actors, drawn at random; the room has a reverberation time of 0.5 s and a "
    "tail 3 dB below the direct sound; a changed speed changes the pitch as well."
)
OTHER = (
    "Corpora of which nothing was learned: a recipe that learns from several leaves the tested "
    "one out, another is tested as it ships. UA in percent among the classes of both sides (calm "
    "counts "
    "as neutral unless both have both), each clip by itself, and where the model adapts, after n "
    "earlier utterances of the same speaker: balanced, skewed (shares of a Dirichlet distribution "
    "of 0.7) or mostly neutral (three quarters). ASED and TurEV-DB never train what ships. "
    "Temperature and threshold of a left-out corpus come from the other ones that may be learned "
    "from."
)
LEFT_OUT_CHOSEN = (
    f"{_FOLDS} {_SHIPPED}\n\n"
    "Layers, pooling, penalty, components, copies, shrinkage and the weight of the other corpora "
    "were chosen by UA on left-out corpora that may be learned from (RAVDESS, EMO-DB, nEMO), alone "
    "and after 8 utterances, whole and cut to single words; so the scores on these three may be "
    "flattered. **RAVDESS' folds are not blind either**: the UA of tested actors was looked at on "
    "the way (that of the first two folds in the last round), so it may be flattered by up to two "
    "points. ASED and TurEV-DB were seen, but chose nothing. Temperature and threshold were fitted "
    "on the left-out corpora, RAVDESS' clips among them (heard by a model that did not learn from "
    "RAVDESS): two numbers, which change no ranking of the classes. They make it less sure than it "
    "could be on RAVDESS itself, as the calibration error above shows."
)
LEFT_OUT = "RAVDESS alone is scored; the other corpora are learned from as in the folds."
_OWN_PROTOCOL_TITLES = {
    Protocol.SPEAKER_INDEPENDENT: "Speaker-independent ({folds} folds, unseen speakers)",
    Protocol.RANDOM_SPLIT: "Random split (shows the leak: same speakers on both sides)",
}
_PROTOCOL_TITLES = {
    Protocol.SPEAKER_INDEPENDENT: "Speaker-independent (six folds, unseen actors)",
    Protocol.RANDOM_SPLIT: "Random split (shows the leak: same actors on both sides)",
}


def limits(corpora: Sequence[TrainingCorpus]) -> str:
    """Limits of a model that learned from these corpora, as its card holds them."""
    if any(is_own(c.name) for c in corpora):
        return _OWN_LIMITS.format(**asdict(corpora[0]))
    learnt = " and ".join(f"{c.speakers} of {get(c.name).info.label}" for c in corpora)
    return _LIMITS.format(learnt=learnt)


def licence(corpus_licences: str, model: str, distil: float) -> str:
    """Licence of a model's weights, which follows from what they were learnt from."""
    text = (
        f"The weights were learnt from recordings under {corpus_licences}; use them under the same "
        "terms (non-commercial). The code is under the MIT licence."
        if corpus_licences != UNSTATED
        else "The weights were learnt from recordings without a stated licence: whoever made those "
        "says how the weights may be used. The code is under the MIT licence."
    )
    if model == TRANSFORMER:
        text += " The encoder is that of openai/whisper-base, MIT licence, (c) 2022 OpenAI."
    if distil:
        text += (
            " A teacher on the encoder of openai/whisper-base (MIT licence) took part in training."
        )
    return text


def write_readme(bundle: Path) -> None:
    """Write the README.md of a bundle from its JSON files.

    Raises:
        ModelError: if one of them is missing or not understood.
    """
    parts = ModelCard.load(bundle), Metrics.load(bundle)
    text = readme(*parts, beside_listeners(bundle))
    (bundle / "README.md").write_text(text, encoding="utf-8")


def beside_listeners(bundle: Path) -> str:
    """What a model and people name of RAVDESS, counted alike; nothing for another corpus."""
    rows = load_predictions(bundle)
    named = beside_people(rows[rows.protocol == Protocol.SPEAKER_INDEPENDENT])
    if named is None:
        return ""
    return (
        f" With neutral and calm counted as one, as listeners were asked, the model names "
        f"{percent(named.value, named.ends)} % of the clips of unseen actors; people named "
        f"{percent(PEOPLE)} % in single ratings (Livingstone & Russo 2018)."
    )


def readme(card: ModelCard, metrics: Metrics, people: str = "") -> str:
    """The model card for people, in Markdown.

    Args:
        card: card.json.
        metrics: metrics.json.
        people: what `beside_listeners` says.
    """
    latency, calibration = metrics.latency_ms, metrics.calibration
    corpora = ", ".join(
        f"{c.title} ({c.clips} clips, {c.speakers} speakers, {c.licence})" for c in card.corpora
    )
    own = any(is_own(c.name) for c in card.corpora)
    recipe = "\n".join(f"| {key} | {value} |" for key, value in card.recipe.items())
    return f"""# {card.title}

{card.family}. {card.parameters:,} parameters, {metrics.size_bytes / 1e6:.2f} MB, \
{latency.median} ms for a window of {card.window_s:g} s \
(95 % below {latency.p95} ms; one thread, {latency.machine}).

This file is generated from `card.json` and `metrics.json`; train again to change it:
`{card.command}`.

## Scores

In percent, with 95 % bootstrap intervals over {"speakers" if own else "actors"}. \
Chance is {percent(CHANCE)} UA.{people}

| protocol | UA | WA | macro-F1 | WA on training rows | clips |
|---|---|---|---|---|---|
{_score_rows(metrics, own)}

Calibration on the tested clips (15 bins): {percent(calibration.ece_before)} % before and \
{percent(calibration.ece_after)} % after the temperature {calibration.temperature:.2f}. \
Answers below a top probability of {card.abstain_threshold:.2f} are shown as "not sure".

{_recalls(metrics)}

{_unvoiced(metrics)}
{_extra_tables(card.name, metrics)}
## How it was trained and scored

Trained on {corpora}.

{_chosen(card, own)}{_pretrained(card)}

| setting | value |
|---|---|
{recipe}

## Intended use

{card.intended_use}

## Limits

{card.limits}

## Licence

{card.licence}
"""


def _chosen(card: ModelCard, own: bool) -> str:
    if own:
        return _OWN_CHOSEN
    if card.recipe.get("leave_out"):
        return LEFT_OUT_CHOSEN
    return CHOSEN


def _pretrained(card: ModelCard) -> str:
    return f"\n\n{PRETRAINED}" if card.recipe.get("model") == TRANSFORMER else ""


def _score_rows(metrics: Metrics, own: bool) -> str:
    titles, lines = _OWN_PROTOCOL_TITLES if own else _PROTOCOL_TITLES, []
    for protocol, m in metrics.protocols.items():
        cells = [percent(value, m.ci95.get(name)) for name, value in m.named.items()]
        cells += [percent(m.train_wa), str(m.clips)]
        title = titles[protocol].format(folds=len(m.folds))
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _recalls(metrics: Metrics) -> str:
    m = metrics.protocols[metrics.leading]
    recalls = ", ".join(f"{e} {percent(r)}" for e, r in m.per_class_recall.items())
    folds = ", ".join(f"{f.fold}: {percent(f.ua)}" for f in m.folds)
    return f"Recall per emotion ({metrics.leading}): {recalls}. UA per fold: {folds}."


def _unvoiced(metrics: Metrics) -> str:
    counts = ", ".join(f"{m.unvoiced_fallback} ({p})" for p, m in metrics.protocols.items())
    return (
        "Scored clips in which no speech was found, and which were therefore judged as one window: "
        f"{counts}."
    )


def _extra_tables(name: str, metrics: Metrics) -> str:
    """What was measured beyond the protocols; "" where nothing was."""
    scores = {name: metrics}
    parts = []
    if rows := tables.other_recordings(scores):
        parts += ["## Other recordings", OTHER, tables.as_markdown(rows)]
    if rows := tables.left_out_speakers(scores):
        parts += ["## Each speaker left out in turn", LEFT_OUT, tables.as_markdown(rows)]
    if rows := tables.robustness(scores):
        parts += ["## Robustness", DISTURBED, tables.as_markdown(rows)]
    return "".join(f"\n{part}\n" for part in parts)

"""What bundles say in words; the README of a model is generated from its JSON files alone."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import asdict

from ser_core.bundles.adaptation import VoiceAdaptation
from ser_core.bundles.card import ModelCard, TrainingCorpus
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.predictions import load_predictions
from ser_core.corpora.folder.reader import UNSTATED
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
    TRANSFORMER: "First blocks of Whisper base's encoder as they are, and acoustic functionals; "
    "linear head",
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
    "Learnt from actors in a studio: {learnt}. Acted, isolated emotion; other ages, spontaneous "
    "speech and real rooms were not tested, and where noise or another language was, it cost "
    "accuracy. It says what a voice sounds like, not what a person feels. The scores come from "
    "actors whom the scored models never heard."
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
CHOSEN = (
    "Settings were chosen on validation actors only. In each of the six folds, 4 actors test, the "
    "4 test actors of the next fold validate, and 16 train; a network keeps the epoch with the "
    "lowest validation loss (with refit it then learns once more from all 20 for that many "
    "epochs), and the fold's test actors are scored, once, through the exported file and the code "
    "that serves people. Where a teacher helped (distil above 0), it learned from its pupil's "
    "actors alone. "
    "A fold's temperature comes from its validation actors; the shipped one and the abstain "
    "threshold (the least sure fifth falls below it) from those of all folds. As every actor "
    "validates one fold, and between ten and forty settings of each model were compared by their "
    "mean over folds, that choice may flatter the score by up to a point. The shipped weights were "
    "trained on all 24 actors for the median of the folds' best epochs, so their honest score is "
    "the one of the folds."
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
ACROSS = (
    "The same recipe trained on all of one corpus alone and tested on all of another, among the "
    "classes that both have. Validation speakers of the corpus that was trained on chose the "
    "number of epochs; the recipe itself was chosen on RAVDESS."
)
VOICE = (
    "A visitor may say a few neutral phrases first; what the model hears in them beyond what it "
    "hears in other neutral voices is then taken off its later answers. To every choice of one, "
    "two or three neutral clips of a tested actor the model was adapted once, and the actor's "
    "other clips were scored with and without (RAVDESS has four neutral clips an actor; one must "
    "remain to be scored). Reference and strength of a fold come from the actors of the others; "
    "only that the method is worth using was seen on all of them. It is offered where the whole "
    "interval of the gain is above 0 for each number of clips. These clips have the room, the "
    "microphone and the two sentences of the scored ones, so a visitor may gain less; and who is "
    "not neutral meanwhile may lose: the last column has the emotion that costs most."
)
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
    parts = ModelCard.load(bundle), Metrics.load(bundle), VoiceAdaptation.find(bundle)
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


def readme(
    card: ModelCard, metrics: Metrics, voice: VoiceAdaptation | None = None, people: str = ""
) -> str:
    """The model card for people, in Markdown.

    Args:
        card: card.json.
        metrics: metrics.json.
        voice: voice.json.
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

This file is generated from `card.json`, `metrics.json` and, if there is one, `voice.json`; train \
again to change it:
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

{_unvoiced(metrics)}{_rounding(metrics)}
{_extra_tables(card.name, metrics, voice)}
## How it was trained and scored

Trained on {corpora}.

{_OWN_CHOSEN if own else CHOSEN}{_pretrained(card)}

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


def _rounding(metrics: Metrics) -> str:
    m = metrics.protocols[metrics.leading]
    before = m.before_rounding
    if before is None:
        return ""
    return (
        f"\n\nDense weights are 8-bit integers: UA {percent(before.ua)} before rounding, "
        f"{percent(m.ua)} as served; {percent(before.same_top_class)} % of the answers "
        "stay."
    )


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


def _extra_tables(name: str, metrics: Metrics, voice: VoiceAdaptation | None) -> str:
    """What was measured beyond the protocols; "" where nothing was."""
    scores = {name: metrics}
    parts = []
    if rows := tables.robustness(scores):
        parts += ["## Robustness", DISTURBED, tables.as_markdown(rows)]
    if rows := tables.across(scores):
        parts += ["## Other corpora", ACROSS, tables.as_markdown(rows)]
    if voice:
        parts += [
            "## Adapted to a voice",
            VOICE,
            tables.as_markdown(tables.voices({name: voice})),
        ]
    return "".join(f"\n{part}\n" for part in parts)

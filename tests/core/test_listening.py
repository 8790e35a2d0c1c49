import numpy as np
import pytest
from msgspec.structs import replace

from ser_core.analysis.analyser import analyse
from ser_core.analysis.timeline import Window
from ser_core.audio.clip import AudioClip
from ser_core.emotions import Emotion
from ser_core.live.listener import Listener, State
from ser_core.live.recording import Recording
from ser_core.live.smoother import Smoother
from tests.voice import RATE_HZ, silence, voice


def window(end_s: float, **probabilities: float) -> Window:
    rest = (1 - sum(probabilities.values())) / (8 - len(probabilities))
    return Window(end_s - 1, end_s, {e: probabilities.get(e.value, rest) for e in Emotion})


def listen(listener: Listener, samples: np.ndarray, step: int = RATE_HZ // 2) -> None:
    for start in range(0, samples.size, step):
        listener.push(samples[start : start + step])


def test_smoothed_probabilities_still_sum_to_one():
    smoother = Smoother()
    for end_s, share in ((1.0, 0.9), (1.5, 0.2), (2.0, 0.7)):
        smooth = smoother.push(window(end_s, angry=share))
        assert sum(smooth.probabilities.values()) == pytest.approx(1)
    # 0.5 * 0.7 + 0.5 * (0.5 * 0.2 + 0.5 * 0.9)
    assert smooth.probabilities[Emotion.ANGRY] == pytest.approx(0.625)


def test_a_rival_must_lead_clearly():
    smoother = Smoother()
    smoother.push(window(1.0, angry=0.4, happy=0.38))
    smoother.push(window(1.5, angry=0.38, happy=0.42))
    assert smoother.leader is Emotion.ANGRY
    smoother.push(window(2.0, angry=0.2, happy=0.7))
    assert smoother.leader is Emotion.HAPPY


def test_a_pause_makes_the_smoother_forget():
    smoother = Smoother()
    smoother.push(window(1.0, angry=0.9))
    later = smoother.push(window(9.0, sad=0.5))
    assert later.probabilities[Emotion.SAD] == 0.5
    assert smoother.leader is Emotion.SAD


def test_a_session_gives_the_timeline_of_the_same_file(two_utterances, tiny_model):
    listener = Listener(tiny_model)
    listen(listener, two_utterances.samples, step=4321)
    clip, timeline = listener.finish()
    np.testing.assert_allclose(clip.samples, two_utterances.samples, atol=0.5 / 32767)
    assert timeline == analyse(clip, tiny_model)  # what is kept is what was heard


def test_a_late_batch_is_judged_as_often_as_prompt_ones(tiny_model):
    prompt, late = Listener(tiny_model), Listener(tiny_model)
    listen(prompt, voice(6.0))
    late.push(voice(6.0))
    assert [w.end_s for w in late.history] == [w.end_s for w in prompt.history]


def test_answers_begin_after_a_second_of_voice(tiny_model):
    listener = Listener(tiny_model)
    assert listener.answer is None
    assert listener.emotion is None
    listen(listener, np.concatenate([silence(1.0), voice(4.0)]))
    assert listener.answer is not None
    assert listener.emotion in Emotion
    assert listener.answer.end_s == pytest.approx(listener.duration_s, abs=0.6)


def test_an_unsure_model_names_no_emotion(tiny_model):
    class Unsure:
        card = replace(tiny_model.card, abstain_threshold=1.0)
        probabilities = staticmethod(tiny_model.probabilities)

    listener = Listener(Unsure())
    listen(listener, voice(3.0))
    assert listener.answer is not None
    assert listener.emotion is None


def test_an_utterance_is_answered_before_its_pause_is_over(tiny_model):
    listener, spoken = Listener(tiny_model), voice(2.2)
    listen(listener, np.concatenate([silence(0.5), spoken, silence(0.4)]), step=1600)
    assert listener.so_far()[1].utterances == ()  # it may go on
    early = listener.answer
    assert early.end_s - early.start_s == pytest.approx(2.2, abs=0.4)
    listen(listener, silence(1.0))
    (ends,) = listener.so_far()[1].utterances
    assert listener.answer == early
    assert (early.start_s, early.end_s) == ends
    (segment,) = listener.so_far()[1].segments
    assert early.probabilities == pytest.approx(segment.probabilities)  # not smoothed


def test_a_pause_ends_the_utterance_and_leaves_a_gap(tiny_model):
    listener = Listener(tiny_model)
    listen(listener, voice(3.0))
    listener.pause()
    assert listener.state is State.PAUSED
    assert len(listener.so_far()[1].utterances) == 1
    listener.resume()
    listen(listener, voice(3.0, seed=1))
    assert listener.state is State.SPEECH
    clip, timeline = listener.finish()
    assert clip.duration_s == pytest.approx(7.0)
    assert len(timeline.utterances) == 2


def test_another_model_answers_from_now_on(tiny_model):
    class Sad:
        card = replace(tiny_model.card, abstain_threshold=0.0)

        def probabilities(self, samples):
            return np.array([label == "sad" for label in self.card.labels], float)

    listener = Listener(tiny_model)
    listener.use(Sad())
    assert not listener.mixed  # nothing was heard before
    listener.use(tiny_model)
    listen(listener, voice(2.0))
    listener.use(Sad())
    assert listener.mixed
    listen(listener, voice(0.6))
    sure = pytest.approx(1)  # nothing of the other's answer is in it
    assert listener.answer.probabilities[Emotion.SAD] == sure
    listen(listener, np.concatenate([voice(2.0), silence(1.0)]))
    assert listener.emotion is Emotion.SAD
    assert listener.answer.probabilities[Emotion.SAD] == sure


def test_states(tiny_model):
    listener = Listener(tiny_model)
    assert listener.state is State.LISTENING
    listen(listener, silence(2.0))
    assert listener.state is State.SILENCE
    listen(listener, voice(2.0))
    assert listener.state is State.SPEECH
    listen(listener, np.clip(voice(2.0) * 40, -1, 1))
    assert listener.state is State.CLIPPING
    listener.behind_s = 1.5
    assert listener.state is State.BEHIND


def test_clipping_that_was_counted_at_the_source_wins(tiny_model):
    listener = Listener(tiny_model)
    listen(listener, voice(2.0))
    listener.clipped_share = 0.02
    assert listener.state is State.CLIPPING
    listen(listener, np.clip(voice(2.0) * 40, -1, 1))
    listener.clipped_share = 0.0
    assert listener.state is State.SPEECH


def test_what_was_judged_so_far_has_the_whole_recording(two_utterances, tiny_model):
    listener = Listener(tiny_model)
    listen(listener, two_utterances.samples[: 5 * RATE_HZ])
    clip, timeline = listener.so_far()
    assert clip.duration_s == timeline.duration_s == 5.0
    assert len(timeline.utterances) == 1
    listen(listener, two_utterances.samples[5 * RATE_HZ :])
    clip, timeline = listener.finish()
    assert timeline == analyse(clip, tiny_model)


def test_history_covers_half_a_minute(tiny_model):
    listener = Listener(tiny_model)
    listen(listener, np.concatenate([voice(8.0), silence(35.0)]))
    assert not listener.history
    assert listener.answer is not None  # the old answer stays


def test_a_recording_keeps_its_end():
    recording = Recording(capacity_s=1.0)
    for value in range(30):
        recording.push(np.full(1600, value / 2**15, np.float32))
    kept = recording.clip()
    assert kept.duration_s == pytest.approx(1.0)
    assert kept.samples[0] * 2**15 == 20
    assert kept.samples[-1] * 2**15 == 29
    recording.push(np.full(50_000, 0.5, np.float32))  # more than it holds, at once
    assert recording.clip().samples == pytest.approx(0.5, abs=1e-4)
    assert recording.clip().duration_s == 1.0


def test_a_long_session_counts_from_the_start_of_what_is_kept(tiny_model, monkeypatch):
    monkeypatch.setattr("ser_core.live.listener.Recording", lambda: Recording(capacity_s=5.0))
    listener = Listener(tiny_model)
    spoken = np.concatenate([voice(3.0), silence(1.0), voice(3.0), silence(1.0)])
    listen(listener, spoken)
    clip, timeline = listener.finish()
    assert clip.duration_s == timeline.duration_s == pytest.approx(5.0)
    # 8 s of sound, the last 5 kept: the second phrase spoke from 4 to 7 s
    assert timeline.segments[-1].end_s == pytest.approx(4.0, abs=0.3)
    times = [t for s in timeline.segments for t in (s.start_s, s.end_s)]
    assert min(times) >= 0
    assert max(times) <= 5.0


def test_empty_batches_change_nothing(tiny_model):
    listener = Listener(tiny_model)
    listener.push(np.zeros(0, np.float32))
    clip, timeline = listener.finish()
    assert isinstance(clip, AudioClip)
    assert timeline.segments == ()

import numpy as np
import pytest

from tests.voice import RATE_HZ, voice
from train.data import waveforms

N = RATE_HZ


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def tone(hz: float, n: int = N) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(n) / RATE_HZ).astype(np.float32)


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def level_db(samples: np.ndarray) -> float:
    return 10 * np.log10(power(samples) + 1e-20)


@pytest.mark.parametrize("change_db", [-12, 12])
def test_gain_changes_the_level_and_clips_nothing(change_db):
    loud = waveforms.gain(tone(440), change_db)
    assert level_db(loud) - level_db(tone(440)) == pytest.approx(change_db, abs=1e-3)
    assert np.abs(loud).max() == pytest.approx(10 ** (change_db / 20), rel=1e-3)


@pytest.mark.parametrize("factor", [0.9, 1.1, 1.25])
def test_speed_changes_length_and_pitch(factor):
    fast = waveforms.speed(tone(1000), factor)
    assert fast.size == pytest.approx(N / factor, abs=2)
    peak = np.abs(np.fft.rfft(fast)).argmax() * RATE_HZ / fast.size
    assert peak == pytest.approx(1000 * factor, abs=2)


@pytest.mark.parametrize("snr_db", [20, 10, 0, -5])
def test_noise_has_the_asked_level_below_the_signal(snr_db, rng):
    clean = voice(1.0)
    noisy = waveforms.add_noise(clean, 7 * waveforms.white_noise(clean.size, rng), snr_db)
    assert level_db(clean) - level_db(noisy - clean) == pytest.approx(snr_db, abs=0.01)


def test_no_noise_at_all_adds_nothing():
    clean = voice(0.5)
    np.testing.assert_array_equal(waveforms.add_noise(clean, np.zeros_like(clean), 10), clean)


def octave_slope_db(noise: np.ndarray) -> float:
    """Change of power density per octave between 250 Hz and 4 kHz."""
    density = np.abs(np.fft.rfft(noise)) ** 2
    hz = np.fft.rfftfreq(noise.size, 1 / RATE_HZ)
    low, high = (density[(hz >= f) & (hz < 2 * f)].mean() for f in (250, 2000))
    return float(10 * np.log10(high / low) / 3)


def test_white_noise_is_flat(rng):
    noise = waveforms.white_noise(10 * N, rng)
    assert power(noise) == pytest.approx(1, rel=0.02)
    assert octave_slope_db(noise) == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("exponent", [1, 2])
def test_coloured_noise_falls_three_decibels_an_octave_and_exponent(exponent, rng):
    noise = waveforms.coloured_noise(10 * N, exponent, rng)
    assert noise.shape == (10 * N,)
    assert octave_slope_db(noise) == pytest.approx(-3.01 * exponent, abs=0.3)


def test_babble_holds_the_given_voices_alone(rng):
    voices = [tone(hz, 5000) for hz in (400, 600, 800)]
    mix = waveforms.babble(20_000, voices, rng, talkers=12)
    assert mix.shape == (20_000,)
    spectrum = np.abs(np.fft.rfft(mix * np.hanning(mix.size))) ** 2
    hz = np.fft.rfftfreq(mix.size, 1 / RATE_HZ)
    near = np.min([np.abs(hz - f) for f in (400, 600, 800)], axis=0) < 30
    assert spectrum[near].sum() > 0.95 * spectrum.sum()


def test_the_telephone_removes_what_no_line_carries():
    for hz in (100, 5000):
        assert level_db(waveforms.telephone(tone(hz))) < level_db(tone(hz)) - 20
    kept = waveforms.telephone(tone(1000))
    assert kept.size == N
    assert level_db(kept) == pytest.approx(level_db(tone(1000)), abs=0.5)


def test_opus_keeps_length_and_voice():
    clean = voice(2.0)
    coded = waveforms.opus(clean)
    assert coded.dtype == np.float32
    assert coded.size == pytest.approx(clean.size, abs=2 * 0.02 * RATE_HZ)  # two frames
    n = min(clean.size, coded.size)
    lags = np.fft.irfft(np.fft.rfft(coded[:n]) * np.conj(np.fft.rfft(clean[:n])), n)
    lag = int(lags.argmax())
    assert min(lag, n - lag) < 0.01 * RATE_HZ
    similar = lags[lag] / n / np.sqrt(power(clean[:n]) * power(coded[:n]))
    assert 0.7 < similar < 0.9999


def test_fewer_bits_lose_more():
    clean = voice(1.0)

    def error(bit_rate: int) -> float:
        coded = waveforms.opus(clean, bit_rate)
        n = min(coded.size, clean.size)
        return power(coded[:n] - clean[:n])

    assert error(8_000) > error(64_000)


def test_reverberation_keeps_length_and_adds_a_tail(rng):
    click = np.zeros(N, np.float32)
    click[100] = 1.0
    heard = waveforms.reverberate(click, rt60_s=0.5, wet=0.5, rng=rng)
    assert heard.shape == click.shape
    assert heard[100] == pytest.approx(1, abs=0.2)
    assert np.abs(heard[:100]).max() < 1e-4
    assert power(heard[101:]) * (N - 101) == pytest.approx(0.5, rel=0.1)
    # 60 dB in 0.5 s: between two stretches that lie 0.2 s apart, 24 dB
    early, late = heard[100 + 800 : 100 + 1600], heard[100 + 4000 : 100 + 4800]
    assert level_db(early) - level_db(late) == pytest.approx(24, abs=2)


def test_an_equaliser_changes_bands_within_its_range(rng):
    noise = waveforms.white_noise(4 * N, rng)
    heard = waveforms.equalise(noise, rng, range_db=8.0)
    assert heard.shape == noise.shape
    spectra = [np.abs(np.fft.rfft(x)) ** 2 for x in (noise, heard)]
    bands = [[part.sum() for part in np.array_split(s, 32)] for s in spectra]
    change_db = 10 * np.log10(np.divide(bands[1], bands[0]))
    assert np.abs(change_db).max() < 8.5
    assert np.ptp(change_db) > 1


def test_a_disturbed_copy_is_repeatable_and_leaves_its_source_alone():
    clean = voice(1.0)
    before = clean.copy()
    copies = [waveforms.disturbed(clean, np.random.default_rng(s)) for s in (1, 1, 2)]
    np.testing.assert_array_equal(copies[0], copies[1])
    assert copies[0].shape != copies[2].shape or not np.allclose(copies[0], copies[2])
    np.testing.assert_array_equal(clean, before)


def test_disturbed_copies_stay_usable():
    clean = voice(1.0)
    for seed in range(30):
        copy = waveforms.disturbed(clean, np.random.default_rng(seed))
        assert copy.dtype == np.float32
        assert np.isfinite(copy).all()
        assert 0.9 * N - 2 <= copy.size <= N / 0.9 + 2
        assert power(copy) > 0


def test_a_piece_is_a_word_or_a_few_of_the_voice():
    clean = voice(3.0)
    pieces = [waveforms.piece(clean, np.random.default_rng(seed)) for seed in range(40)]
    sizes = np.array([piece.size for piece in pieces])
    assert 8_000 <= sizes.min() < 12_000 < 20_000 < sizes.max() <= 24_000
    starts = [np.flatnonzero(clean == piece[0]) for piece in pieces]
    for piece, found in zip(pieces, starts, strict=True):
        assert any(np.array_equal(clean[at : at + piece.size], piece) for at in found)
    short = clean[:7_000]
    assert waveforms.piece(short, np.random.default_rng(0)) is short


@pytest.mark.parametrize("line", [waveforms.amr, waveforms.mu_law])
def test_a_telephone_line_keeps_the_voice_below_four_kilohertz(line):
    clean = voice(2.0)
    heard = line(clean)
    assert heard.size == pytest.approx(clean.size, abs=400)
    spectrum = np.abs(np.fft.rfft(heard)) ** 2
    hz = np.fft.rfftfreq(heard.size, 1 / RATE_HZ)
    assert spectrum[hz > 4200].sum() < 1e-3 * spectrum.sum()
    assert level_db(heard) == pytest.approx(level_db(clean), abs=3)


def test_other_peoples_recordings_are_repeatable_and_differ():
    clean, behind = voice(1.5), [voice(1.0, 200, 3)]
    made = [waveforms.elsewhere(clean, np.random.default_rng(n), behind) for n in range(12)]
    again = [waveforms.elsewhere(clean, np.random.default_rng(n), behind) for n in range(12)]
    for a, b in zip(made, again, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == np.float32
        assert np.isfinite(a).all()
    assert len({a.tobytes() for a in made}) > 10

// The networks, and how a sound goes through them: ser_core/analysis/analyser.py, for a whole file.

import { env, InferenceSession, Tensor } from "./runtime/ort.wasm.min.mjs";
import { segmentsOf, stuck, tempered, verdictOf, windowBounds } from "./answer.js";
import { speechProbabilities, utterances } from "./segmenter.js";

env.wasm.wasmPaths = new URL("runtime/", import.meta.url).href;
env.wasm.numThreads = 1; // more would need headers that not every host sends

export class Ear {
  static async open() {
    const ear = new Ear();
    ear.settings = await (await fetch("settings.json")).json();
    const files = ["silero_vad.onnx", "features.onnx", "encoder.onnx", "head.onnx"];
    [ear.detector, ear.features, ear.encoder, ear.head] = await Promise.all(files.map((file) => InferenceSession.create(file)));
    return ear;
  }

  // What mono samples of 16 kHz sound like; `tell` is awaited with the share that is done.
  async hear(samples, tell) {
    const { rate, segmenter, answer, labels } = this.settings;
    const detector = { run: (inputs) => this.detector.run(inputs), Tensor };
    const speech = await speechProbabilities(samples, detector, segmenter, (share) => tell(share / 4));
    const spoken = [], found = utterances(speech, samples.length, segmenter);
    for (const [n, [onset, offset]] of found.entries()) {
      spoken.push(await this.vectors(samples.subarray(onset, offset), onset));
      await tell(.25 + (.75 * (n + 1)) / found.length);
    }
    const segments = [];
    for (const each of spoken) {
      const rows = await this.again(each, this.baseline(spoken, each));
      const windows = each.windows.map((window, i) => ({ ...window, row: rows[i] }));
      segments.push(...segmentsOf(windows, each.start_s, each.end_s, answer));
    }
    const named = ({ answer: at, row, ...rest }) => ({
      ...rest,
      emotion: at === null ? null : labels[at],
      confidence: row && Math.max(...row),
      probabilities: row && Object.fromEntries(labels.map((label, k) => [label, row[k]])),
    });
    return {
      model: this.settings.model,
      duration_s: samples.length / rate,
      verdict: named(verdictOf(segments, answer)),
      segments: segments.map(named),
      caution: this.caution(spoken, segments),
    };
  }

  // The windows of an utterance, with what the encoder makes of each.
  async vectors(samples, onset) {
    const { rate, window, hop } = this.settings, windows = [], vectors = [];
    for (const [start, end] of windowBounds(samples.length, window, hop)) {
      const given = await this.features.run({ samples: new Tensor("float32", samples.slice(start, end), [end - start]) });
      vectors.push((await this.encoder.run({ [this.encoder.inputNames[0]]: given.x })).heard.data);
      windows.push({ start_s: (onset + start) / rate, end_s: (onset + end) / rate });
    }
    const start_s = onset / rate, end_s = (onset + samples.length) / rate;
    return { start_s, end_s, windows, vectors, weighed: this.weighed(windows, vectors, end_s - start_s) };
  }

  // Mean vector of an utterance, clipped, times its seconds: what a baseline is added up from.
  weighed(windows, vectors, speech_s) {
    const { limit, longest_s } = this.settings.voice, seconds = Math.min(speech_s, longest_s);
    const lengths = windows.map((w) => w.end_s - w.start_s), total = lengths.reduce((a, b) => a + b);
    const mean = Array.from(vectors[0], (_, k) => vectors.reduce((s, v, i) => s + lengths[i] * v[k], 0) / total);
    return { seconds, sum: mean.map((v) => seconds * Math.min(Math.max(v, -limit), limit)) };
  }

  // What an utterance is heard against: all others, drawn towards what the model knows of all voices.
  baseline(spoken, one) {
    const others = spoken.filter((each) => each !== one).map((each) => each.weighed);
    const seconds = this.settings.voice.trust_s + others.reduce((s, { seconds }) => s + seconds, 0);
    return Float32Array.from(one.weighed.sum, (_, k) => others.reduce((s, { sum }) => s + sum[k], 0) / seconds);
  }

  // Probabilities of windows whose vectors are known: the head alone.
  async again({ vectors }, baseline) {
    const { labels, answer } = this.settings, size = baseline.length;
    const together = new Float32Array(vectors.length * size);
    vectors.forEach((vector, i) => together.set(vector, i * size));
    const { answer: given } = await this.head.run({
      baseline: new Tensor("float32", baseline, [1, size]),
      vectors: new Tensor("float32", together, [vectors.length, size]),
    });
    const row = (i) => tempered(Array.from(given.data.slice(i * labels.length, (i + 1) * labels.length)), answer.temperature);
    return vectors.map((_, i) => row(i));
  }

  // What makes the answers doubtful, as a sentence.
  caution(spoken, segments) {
    if (!spoken.length) return "";
    const square = (vector) => vector.reduce((s, v) => s + v * v, 0) / vector.length;
    const seconds = spoken.map((s) => s.end_s - s.start_s), total = seconds.reduce((a, b) => a + b);
    const means = spoken.map(({ vectors }) => vectors.reduce((s, v) => s + square(v), 0) / vectors.length);
    const distance = means.reduce((s, mean, i) => s + seconds[i] * mean, 0) / total;
    const { unlike_above, unlike_words, stuck_words } = this.settings.doubt;
    if (unlike_above === null || distance <= unlike_above) return "";
    return stuck(segments, spoken.length, this.settings.doubt) ? stuck_words : unlike_words;
  }
}

// Cuts a sound into utterances, as ser_core/speech/segmenter.py does, on the same 32 ms grid.

// Speech probability of each chunk of 512 samples; the last one is filled up with silence.
export async function speechProbabilities(samples, { run, Tensor }, { chunk, context }, tell) {
  const found = [], heard = new Float32Array(context + chunk);
  const rate = new Tensor("int64", [16000n], []);
  let state = new Tensor("float32", new Float32Array(2 * 128), [2, 1, 128]);
  for (let start = 0; start < samples.length; start += chunk) {
    heard.copyWithin(0, chunk);
    heard.fill(0, context);
    heard.set(samples.subarray(start, start + chunk), context);
    const given = await run({ input: new Tensor("float32", heard.slice(), [1, heard.length]), state, sr: rate });
    found.push(given.output.data[0]);
    state = given.stateN;
    if (found.length % 64 === 0) await tell(start / samples.length);
  }
  return found;
}

// First and last sample of each utterance.
export function utterances(probabilities, size, rules) {
  const found = [];
  let active = false, onset = null, last = 0, chunks = 0, floor = 0, position = 0;
  const close = (end) => {
    end = Math.min(end, size);
    if (chunks >= rules.least_chunks) found.push([onset, end]);
    onset = null;
    floor = end;
  };
  for (const probability of probabilities) {
    active = probability >= (active ? rules.speech_off : rules.speech_on);
    const start = position;
    position += rules.chunk;
    if (active) {
      if (onset === null) [onset, chunks] = [Math.max(start - rules.pad, floor), 0];
      last = position;
      chunks += 1;
    }
    if (onset === null) continue;
    if (position - last >= rules.pause_chunks * rules.chunk) close(last + rules.pad);
    else if (position - onset >= rules.most) close(position);
  }
  if (onset !== null) close(last + rules.pad);
  return found;
}

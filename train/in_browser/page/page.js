// What a visitor sees and does.

import { Ear } from "./hearing.js";

const LONGEST_S = 1800;
const OWN = "Your recording";
const at = (id) => document.getElementById(id);
const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
const clock = (s) => {
  const tenths = Math.round(10 * s);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
};
const breathe = () => new Promise((done) => setTimeout(done)); // lets the page draw

let ear, recorder, playing, asking = false;

function say(text, trouble = false) {
  at("status").textContent = text;
  at("status").classList.toggle("trouble", trouble);
}

// Mono samples of 16 kHz. The browser decodes what it can play.
async function decoded(bytes, name) {
  if (!bytes.byteLength) throw new Error(`${name} is empty. Record it again or choose another file.`);
  let sound;
  try {
    sound = await new OfflineAudioContext(1, 1, ear.settings.rate).decodeAudioData(bytes);
  } catch {
    if (name === OWN) throw new Error("The recording is too short. Press Record and say a sentence or two."); // it holds no frame
    throw new Error(`This browser cannot read ${name} as sound. Save it as WAV, MP3 or M4A and choose it again.`);
  }
  if (sound.duration > LONGEST_S) throw new Error(`${name} is longer than 30 minutes. Cut it and choose a part.`);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, c) => sound.getChannelData(c));
  return channels[0].map((_, i) => channels.reduce((s, channel) => s + channel[i], 0) / channels.length);
}

async function judge(blob, name) {
  busy(true);
  try {
    say(`Reading ${name}`);
    const samples = await decoded(await blob.arrayBuffer(), name);
    const found = await ear.hear(samples, async (share) => {
      say(`Listening to ${name}, ${percent(share)}`);
      await breathe();
    });
    show({ file: name, ...found }, blob);
    say("");
  } catch (error) {
    say(error.message, true);
  }
  busy(false);
}

function busy(is) {
  for (const id of ["record", "choose"]) at(id).disabled = is;
}

function headline({ kind, emotion }) {
  if (kind === "sounds") return `Sounds ${emotion}`;
  return { mixed: "It changes", not_sure: "Not sure", no_speech: "No speech found" }[kind];
}

function detail({ verdict, segments }) {
  if (verdict.kind === "no_speech") return "The recording is silence or noise.";
  const speech = Math.max(1, Math.round(segments.reduce((s, { start_s, end_s }) => s + end_s - start_s, 0)));
  const over = `over ${speech} second${speech === 1 ? "" : "s"} of speech`;
  return verdict.kind === "sounds" ? `${percent(verdict.confidence)} sure, ${over}.` : `The most probable is ${top(verdict)}, ${over}.`;
}

function top({ probabilities }) {
  const [name, share] = Object.entries(probabilities).sort((a, b) => b[1] - a[1])[0];
  return `${name} with ${percent(share)}`;
}

function show(result, blob) {
  at("result").hidden = false;
  at("headline").textContent = headline(result.verdict);
  at("headline").dataset.emotion = result.verdict.emotion ?? "";
  at("detail").textContent = `${result.file}: ${detail(result)}`;
  at("caution").textContent = result.caution;
  if (playing) URL.revokeObjectURL(playing);
  at("sound").ontimeupdate = null; // the end of a segment of the last one is none of this one
  playing = at("sound").src = URL.createObjectURL(blob);
  at("segments").replaceChildren(...result.segments.map(line));
  at("parts").hidden = !result.segments.length;
  const json = new Blob([JSON.stringify(result, null, 2)], { type: "application/json" });
  if (at("save").href) URL.revokeObjectURL(at("save").href);
  at("save").href = URL.createObjectURL(json);
  at("save").download = `${result.file.replace(/\.[^.]*$/, "")}.json`;
  at("headline").focus();
}

function line(segment) {
  const row = document.createElement("tr"), play = document.createElement("button");
  const when = `${clock(segment.start_s)} to ${clock(segment.end_s)}`;
  play.textContent = when;
  play.setAttribute("aria-label", `Hear ${when}`);
  play.onclick = () => hear(segment);
  const name = document.createElement("span");
  name.className = "emotion";
  name.dataset.emotion = segment.emotion ?? "";
  name.textContent = segment.emotion ?? "not sure";
  const sure = segment.emotion ? percent(segment.confidence) : top(segment);
  for (const part of [play, name, sure]) {
    const cell = document.createElement("td");
    cell.append(part);
    row.append(cell);
  }
  return row;
}

function hear({ start_s, end_s }) {
  const sound = at("sound");
  sound.ontimeupdate = () => sound.currentTime >= end_s && (sound.pause(), sound.ontimeupdate = null);
  sound.currentTime = start_s;
  sound.play();
}

async function record() {
  if (recorder) return recorder.stop();
  if (asking) return; // a second microphone would never be closed
  asking = at("choose").disabled = true;
  say("The browser asks whether this page may use the microphone. Answer it.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    at("choose").disabled = false;
    return say("The browser gives no microphone. Allow it in the address bar, or choose a file.", true);
  } finally {
    asking = false;
  }
  // a longer one would be refused, and lost
  const parts = [], longest = setTimeout(() => recorder.stop(), 1000 * (LONGEST_S - 1));
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = () => {
    clearTimeout(longest);
    stream.getTracks().forEach((track) => track.stop());
    const blob = new Blob(parts, { type: recorder.mimeType });
    recorder = null;
    at("record").textContent = "Record";
    at("choose").disabled = false;
    judge(blob, OWN);
  };
  recorder.start();
  at("record").textContent = "Stop";
  say("Recording. Say a sentence or two, then press Stop.");
}

at("record").onclick = record;
at("choose").onclick = () => at("file").click();
at("file").onchange = () => {
  const [file] = at("file").files;
  if (file) judge(file, file.name);
  at("file").value = "";
};
say("Loading the model");
try {
  ear = await Ear.open();
  say("");
  busy(false);
} catch (error) {
  say(`The model could not be loaded (${error.message}). Load the page again.`, true);
}

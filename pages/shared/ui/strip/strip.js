// The strip: one element a page. Python says what phase the session is in and what was heard; here
// live the buttons, the question for the microphone, and all that moves.
const DELAY_MS = 50; // between two levels: 20 a second
const ALOUD_MS = 3000; // no more often is anything read aloud
const PATIENCE_MS = 15000; // so long the browser's own word stands when Python says nothing
const REMEMBERED = "speech-emotion:microphone";
const WHY = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy" };
const LISTENING = "speech-emotion:listening"; // the session that is on in this tab
const mounted = new WeakMap();

const keeper = (storage) => ({
  get: (key) => { try { return window[storage].getItem(key); } catch { return null; } },
  set: (key, value) => { try { window[storage].setItem(key, value); } catch { /* not remembered */ } },
  drop: (key) => { try { window[storage].removeItem(key); } catch { /* there is none */ } },
});
const stored = keeper("localStorage"), listening = keeper("sessionStorage");

// Asks for the microphone on a click and gives it back at once: what the component for the sound
// would say in its own words is said in ours, and it finds the permission granted.
async function ask(device) {
  const media = navigator.mediaDevices;
  if (!media?.getUserMedia) throw { name: "insecure" };
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await media.getUserMedia({ audio: device ? { ...audio, deviceId: { exact: device } } : audio });
  const opened = stream.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  stream.getTracks().forEach((track) => track.stop());
  return opened;
}

class Strip {
  constructor(root) {
    this.root = root;
    this.local = null; // what only the browser knows: the phase or the trouble of this moment
    this.told = ""; // under which key a component finds its device
    this.levels = [];
    this.level = 0;
    this.said = "Microphone off";
    this.saidAt = 0;
    this.find(".go").disabled = false; // a press before now would be lost
    this.find(".go").onclick = () => this.go();
    this.find(".pause").onclick = () => this.tell("act", this.now.phase === "paused" ? "resume" : "pause");
    this.find("select").onchange = ({ target }) => stored.set(REMEMBERED, target.value);
    root.addEventListener("heard", ({ detail }) => this.hear(detail));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.listDevices());
    this.listDevices();
  }

  find(css) { return this.root.querySelector(css); }

  // Python's state, as a whole; a page that was drawn for an earlier moment changes nothing.
  hear(now) {
    const before = this.now;
    if (now.session === before?.session && now.turn <= before.turn) return;
    this.now = now;
    if (now.phase !== before?.phase || now.message === "full") this.local = null;
    if (now.phase === "live") stored.drop(this.told);
    this.remember(now);
    this.levels = now.levels;
    this.answer(now.answer);
    const grown = JSON.stringify(now.history) !== JSON.stringify(before?.history);
    const moves = now.phase === "live";
    this.root.toggleAttribute("data-several", now.several);
    if (grown || moves || before?.phase !== now.phase) drawRecent(this.root, this.emotions, now, moves);
    if (grown) drawPlane(this.root, this.emotions, now);
    this.find(".run").setAttribute("aria-label", now.recent_alt);
    this.find(".plane").setAttribute("aria-label", now.plane_alt);
    this.find(".hint").toggleAttribute("data-shown", !now.history.length);
    this.find(".level").setAttribute("aria-valuenow", Math.max(0, ...now.levels));
    this.show();
    if (moves) this.run();
  }

  // A tab outlives the server's session where it is loaded again, the server restarts or the network
  // is away for long: then it says so.
  remember({ session, phase }) {
    const last = listening.get(LISTENING);
    if (phase !== "off") listening.set(LISTENING, session);
    else if (last) {
      listening.set(LISTENING, "");
      if (last !== session) this.local = { phase: "off", message: "lost" };
    }
  }

  // What the browser knows before Python does; without words, Python's stands again.
  claim(local = null) {
    clearTimeout(this.patience);
    this.local = local;
    if (local) this.patience = setTimeout(() => this.local === local && local.phase !== "off" && this.claim(), PATIENCE_MS);
    this.show();
  }

  // What the buttons, the state and the line below them say.
  show() {
    const { phase, state, kind, clock } = this.now, shown = this.local?.phase ?? phase;
    const off = shown === "off", message = this.local?.message ?? this.now.message;
    this.root.dataset.phase = shown;
    this.root.dataset.state = this.local ? "off" : kind;
    this.label(".go", off ? "Start" : "Stop", off ? "start" : "stop");
    // never disabled: who pressed it by a key would lose the place
    this.find(".go").setAttribute("aria-disabled", ["asking", "ending"].includes(shown));
    const pause = this.find(".pause");
    this.label(".pause", phase === "paused" ? "Resume" : "Pause", phase === "paused" ? "resume" : "pause");
    pause.disabled = !["live", "paused"].includes(shown);
    this.write(".ser-state b", this.local?.state ?? state);
    this.write(".clock", clock === null || this.local ? "" : `${Math.floor(clock / 60)}:${String(clock % 60).padStart(2, "0")}`);
    this.root.dataset.message = message;
    this.root.querySelectorAll(".messages p").forEach((p) => p.toggleAttribute("data-shown", p.dataset.about === message));
    this.find("select").disabled = !off;
    this.readAloud(message);
  }

  label(css, text, does) {
    this.find(css).dataset.does = does;
    this.write(`${css} span`, text);
  }

  write(css, text) {
    const place = this.find(css);
    if (place.textContent !== text) place.textContent = text;
  }

  answer({ headline, detail, emotion, quiet, until, top, rest, voice, who }) {
    const head = this.find(".ser-answer-head");
    head.classList.toggle("quiet", quiet);
    head.querySelector("i").className = emotion ? `ser-mark ${emotion}` : "ser-mark";
    this.write(".who", who || "\u00a0");
    this.write(".ser-answer-head span", headline);
    this.write(".ser-answer-detail", detail);
    this.find(".answer").dataset.until = until;
    this.find(".top").toggleAttribute("data-shown", top.length > 0);
    this.find(".steps").toggleAttribute("data-shown", !top.length);
    const rows = top.length ? top : [["", 0, ""], ["", 0, ""], ["", 0, ""]];
    this.find(".ser-bars").innerHTML = rows.map(([name, share, text]) =>
      `<span class="name">${mark(name)}${name || "\u00a0"}</span><span class="track"><span class="fill" ` +
      `style="width:${share}%;background:var(--ser-${name})"></span></span><span class="value">${text}</span>`).join("");
    this.write(".rest", rest);
    this.write(".voice", voice);
  }

  // Changes only, and not more often than somebody can listen to.
  readAloud(message) {
    const { phase, answer } = this.now;
    const trouble = this.root.querySelector(`.messages p.trouble[data-about="${message}"]`)?.textContent;
    const words = trouble ?? (phase === "live" ? [answer.who, answer.headline].filter(Boolean).join(": ") : `Microphone ${this.find(".ser-state b").textContent.toLowerCase()}`);
    const wait = this.saidAt + ALOUD_MS - Date.now();
    clearTimeout(this.later);
    if (words === this.said) return;
    if (wait > 0) { this.later = setTimeout(() => this.readAloud(this.root.dataset.message), wait); return; }
    [this.said, this.saidAt] = [words, Date.now()];
    this.write(".aloud", words);
  }

  // Plays the levels of the last moment back at the pace at which they were spoken.
  run() {
    if (this.running) return;
    this.running = true;
    let due = performance.now(), wanted = 0;
    const frame = (time) => {
      this.running = this.root.isConnected && this.now.phase === "live";
      for (; due <= time; due += DELAY_MS) wanted = this.levels.shift() ?? wanted;
      this.level = this.running ? this.level + (wanted - this.level) * (still.matches ? 1 : 0.5) : 0;
      this.find(".track i").style.transform = `translateX(${(this.level - 100).toFixed(1)}%)`;
      if (this.running) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  async go() {
    if (["asking", "ending"].includes(this.root.dataset.phase)) return;
    if (this.find(".go").dataset.does === "stop") {
      this.claim({ phase: "ending", state: "Stopping", message: "ending" });
      this.tell("act", "stop");
      return;
    }
    this.claim({ phase: "asking", state: "Asking", message: "asking" });
    try {
      const device = await ask(this.find("select").value);
      this.claim({ phase: "connecting", state: "Connecting", message: "connecting" });
      this.tellDevice(device);
      this.tell("act", "start");
    } catch ({ name }) {
      this.claim({ phase: "off", state: "Off", message: name === "insecure" ? name : WHY[name] ?? "denied" });
    }
    this.listDevices();
  }

  // The component that carries the sound has no argument for a device: it opens the one that it
  // remembers as chosen in its own form, under the key that Python will give it.
  tellDevice(device) {
    this.told = `streamlit-webrtc:device-ids:${this.now.key}`;
    if (device) stored.set(this.told, JSON.stringify({ audio: device }));
  }

  async listDevices() {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const heard = all.filter(({ kind, label }) => kind === "audioinput" && label);
    const select = this.find("select"), chosen = select.value || stored.get(REMEMBERED);
    const options = heard.length ? heard.map(({ deviceId, label }) => new Option(label, deviceId)) : [new Option("The browser's microphone", "")];
    select.replaceChildren(...options);
    if (heard.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".ser-strip");
  let strip = mounted.get(root);
  if (!strip) {
    mounted.set(root, (strip = new Strip(root)));
    strip.emotions = data.emotions;
    buildPlane(root, data.emotions);
  }
  strip.tell = setTriggerValue;
  strip.hear(data.now);
}

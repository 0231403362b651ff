// Engines and contenders. There is one function for each engine: (file, options) -> {prefill, decode} in tokens per
// second (of all lanes together), for `prompt` tokens of prompt and `generate` tokens after them.

const FIRST_TOKEN = 300; // below it are control tokens and single bytes
const LAST_TOKENS = 259;

// Its workers, each with the model, by what they were started with.
const workers = new Map();

async function ours(file, { site, engine, threads, lanes, prompt, generate }) {
  const key = JSON.stringify([site, engine, threads]);
  const worker = workers.get(key) ?? new Worker(`${site}ours.js`, { type: "module" });
  workers.set(key, worker);
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message));
  });
  const settings = { lanes, prompt_tokens: prompt, generate_tokens: generate };
  worker.postMessage({ file: new URL(file, location.href).href, engine, threads, settings });
  const { prefill_ms, decode_ms, ...others } = await answer;
  return {
    prefill: ((lanes * prompt) / prefill_ms) * 1000,
    decode: ((lanes * generate) / decode_ms) * 1000,
    ...others,
  };
}

async function wllama(file, { threads, prompt, generate }) {
  const { Wllama } = await import("./wllama/index.js");
  const quiet = { debug() {}, log() {}, warn() {}, error: console.error };
  const wasm = new URL("./wllama/wasm/wllama.wasm", location.href).href;
  const runner = new Wllama({ default: wasm }, { logger: quiet });
  const blob = await (await fetch(file)).blob();
  const options = { n_threads: threads, n_gpu_layers: 0, n_parallel: 1, n_ctx: 2048 };
  await runner.loadModel([blob], options);
  // Two letters are one token of the benchmark's vocabulary.
  const text = "ab".repeat(prompt);
  const never = Array.from({ length: LAST_TOKENS }, (_, token) => [token, -100]);
  const { timings } = await runner.createCompletion({
    prompt: text,
    max_tokens: generate,
    temperature: 0,
    ignore_eos: true,
    logit_bias: never,
    cache_prompt: false,
  });
  await runner.exit();
  const { prompt_per_second, predicted_per_second, prompt_n } = timings;
  return { prefill: prompt_per_second, decode: predicted_per_second, prompt: prompt_n };
}

async function flare(file, { prompt, generate }) {
  const peer = await import("./flare/flare_web.js");
  await peer.default();
  const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const engine = peer.FlareEngine.load(bytes);
  engine.reset();
  const started = performance.now();
  engine.begin_stream_with_params(Uint32Array.from({ length: prompt }, (_, i) => FIRST_TOKEN + i), generate + 1, 0, 1, 1, 1, 0);
  engine.next_token();
  const prefilled = performance.now();
  let tokens = 0;
  while (engine.next_token() !== undefined) tokens += 1;
  const decoded = performance.now();
  return { prefill: (prompt / (prefilled - started)) * 1000, decode: (tokens / (decoded - prefilled)) * 1000, tokens };
}

async function candle(file, { prompt, generate }) {
  const peer = await import("./candle/candle.js");
  await peer.default();
  const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const [prefillMs, decodeMs] = peer.time(bytes, prompt, generate);
  return { prefill: (prompt / prefillMs) * 1000, decode: (generate / decodeMs) * 1000 };
}

const engines = { ours, wllama, flare, candle };

// What each contender answers, turn by turn; every second turn goes in the opposite order.
window.timeInTurns = async (file, contenders, turns) => {
  const answers = contenders.map(() => []);
  for (let turn = 0; turn < turns; turn += 1) {
    const order = [...contenders.keys()];
    if (turn % 2 === 1) order.reverse();
    for (const at of order) answers[at].push(await engines[contenders[at].run](file, contenders[at].options));
  }
  return answers;
};

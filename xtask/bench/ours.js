// Times our own engine, in a worker as on the page: loads the file once, and answers each message.
import { startEngine } from "./engine-start.js";

let loading;
let memory_bytes;

async function load(file, name, threads) {
  const engine = await startEngine(name, threads);
  engine.warm_up(name);
  const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const started = performance.now();
  const bench = new engine.Bench(bytes, name);
  return { engine, bench, load_ms: performance.now() - started };
}

self.onmessage = async ({ data: { file, engine: name, threads, settings } }) => {
  try {
    loading ??= load(file, name, threads);
    const { engine, bench, load_ms } = await loading;
    const timed = bench.time(settings);
    // Before memory is taken for measuring how fast it is read.
    memory_bytes ??= engine.memory_bytes();
    self.postMessage({ ...timed, load_ms, memory_bytes, read_bandwidth: engine.Bench.read_bandwidth() });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};

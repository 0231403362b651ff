// Times our own engine, in a worker as on the page.
import { startEngine } from "./engine-start.js";

self.onmessage = async ({ data: { file, engine: name, threads, settings } }) => {
  try {
    const engine = await startEngine(name, threads);
    engine.warm_up(name);
    const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
    const loading = performance.now();
    const bench = new engine.Bench(bytes, name);
    const load_ms = performance.now() - loading;
    const timed = bench.time(settings);
    const memory_bytes = engine.memory_bytes();
    self.postMessage({ ...timed, load_ms, memory_bytes, read_bandwidth: engine.Bench.read_bandwidth() });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};

// The worker that holds the session: it says Ready when it listens. The address may ask for an engine and a
// number of threads.
import { hasSimd, startEngine } from "./engine-start.js";

if (hasSimd) {
  const wishes = new URL(self.location.href).searchParams;
  const engineName = wishes.get("engine") ?? "cpu";
  const engine = await startEngine(engineName, Number.parseInt(wishes.get("threads") ?? "", 10));
  engine.start_worker(engineName);
} else {
  const message =
    "This browser has no WebAssembly SIMD, which the engine needs. " +
    "Chrome and Edge have it from version 91, Firefox from 89, Safari from 16.4.";
  self.postMessage({ type: "crashed", kind: "unsupported-browser", message });
}

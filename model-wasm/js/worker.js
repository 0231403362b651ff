// The worker that holds the session: it says Ready when it listens. The address may ask for an engine and a
// number of threads.
import { Crash, crashed } from "./crash.js";
import { hasSimd, startEngine } from "./engine-start.js";

try {
  if (!hasSimd) {
    throw new Crash(
      "unsupported-browser",
      "This browser has no WebAssembly SIMD, which the engine needs. " +
        "Chrome and Edge have it from version 91, Firefox from 89, Safari from 16.4.",
    );
  }
  const wishes = new URL(self.location.href).searchParams;
  const engineName = wishes.get("engine") ?? "cpu";
  const engine = await startEngine(engineName, Number.parseInt(wishes.get("threads") ?? "", 10));
  engine.start_worker(engineName);
} catch (error) {
  crashed(error);
}

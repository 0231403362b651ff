// The worker that holds the inference module. It says Ready when it listens.
import init, { start_worker } from "./engine.js";

await init({ module_or_path: new URL("./engine_bg.wasm", import.meta.url) });
start_worker();

// The worker that fetches models and adapters from other hosts, and keeps them. Its own response says that it may.
import { crashed } from "./crash.js";
import init, { start_downloader } from "./engine.js";

try {
  await init({ module_or_path: new URL("./engine_bg.wasm", import.meta.url) });
  start_downloader();
} catch (error) {
  crashed(error);
}

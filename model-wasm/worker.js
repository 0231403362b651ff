// The worker that holds the inference module. It says Ready when it listens.
import init, { start_worker } from "./engine.js";

await init();
start_worker();

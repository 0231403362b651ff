// Starts the inference module with its helpers.
//
// There are three builds of the module. Which one runs depends on what this browser can do, and on which
// engine and how many threads are asked for. All of them give the same tokens.

import { Crash } from "./crash.js";

const builds = {
  simd: {
    glue: new URL("./engine.js", import.meta.url),
    module: new URL("./engine_bg.wasm", import.meta.url),
  },
  threads: {
    glue: new URL("./engine-threads.js", import.meta.url),
    module: new URL("./engine-threads_bg.wasm", import.meta.url),
  },
  relaxed: {
    glue: new URL("./engine-relaxed.js", import.meta.url),
    module: new URL("./engine-relaxed_bg.wasm", import.meta.url),
  },
};
const helperAddress = new URL("./helper.js", import.meta.url);
const MOST_THREADS = 8;

// Whether a function without parameters that returns a vector is valid here with these instructions.
function supports(...instructions) {
  const start = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];
  const body = [0, ...instructions, 11];
  return WebAssembly.validate(new Uint8Array([...start, 10, body.length + 2, 1, body.length, ...body]));
}

const ZEROS = [65, 0, 253, 15]; // i32.const 0, i8x16.splat
const RELAXED_SWIZZLE = [253, 128, 2];
export const hasSimd = supports(...ZEROS);
const hasRelaxedSimd = supports(...ZEROS, ...ZEROS, ...RELAXED_SWIZZLE);
const hasSharedMemory = self.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";

function choose(engine) {
  if (!hasSharedMemory) return builds.simd;
  return hasRelaxedSimd && engine !== "cpu-simd" ? builds.relaxed : builds.threads;
}

// A module is compiled while it comes, where the host says what it is; else once it has come.
async function compile(address) {
  const response = await fetch(address);
  if (!response.ok) {
    throw new Crash("network", `The engine could not be fetched: the host answered ${response.status}.`);
  }
  const isNamed = response.headers.get("content-type") === "application/wasm";
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

function startHelper(glue, module, memory) {
  const policy = self.trustedTypes?.createPolicy("helper", { createScriptURL: (address) => address });
  const address = policy ? policy.createScriptURL(helperAddress.href) : helperAddress.href;
  const helper = new Worker(address, { type: "module" });
  return new Promise((resolve, reject) => {
    helper.onmessage = () => resolve(helper);
    helper.onerror = reject;
    helper.postMessage({ glue: glue.href, module, memory });
  });
}

// The module for the engine of that name, ready to be called; `threads` is a number, or nothing for the best one.
export async function startEngine(engineName, threads) {
  const { glue, module: address } = choose(engineName);
  const [engine, module] = await Promise.all([import(glue), compile(address)]);
  const { memory } = await engine.default({ module_or_path: module });
  if (engine.start_pool) {
    const fixed = threads >= 1;
    const most = Math.min(fixed ? threads : navigator.hardwareConcurrency || 1, MOST_THREADS);
    const starting = Array.from({ length: most - 1 }, () => startHelper(glue, module, memory));
    // A helper that does not start is done without.
    const helpers = (await Promise.allSettled(starting)).flatMap(({ value }) => value ?? []);
    engine.start_pool(helpers.length, fixed);
    for (const helper of helpers) helper.postMessage("help");
  }
  return engine;
}

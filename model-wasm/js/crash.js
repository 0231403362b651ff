// Tells the page that a worker cannot go on. A panic says so itself; what is told here is everything else: a script or
// module that does not come, and a trap (the stack, the memory), which is nobody's error where tasks run in promises.

// An error that knows its kind.
export class Crash extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

function kindOf(error, words) {
  if (error instanceof Crash) return error.kind;
  if (/out of memory|allocate/i.test(words)) return "out-of-memory";
  const isCutOrOther = error instanceof WebAssembly.CompileError;
  // What browsers say of a request or an import that failed.
  const isFetch = error instanceof TypeError && /fetch|loading|load failed|module script/i.test(words);
  return isCutOrOther || isFetch ? "network" : "internal";
}

export function crashed(error) {
  const words = error instanceof Error ? error.message : String(error);
  const message = error instanceof Crash ? words : `The engine stopped: ${words}`;
  self.postMessage({ type: "crashed", kind: kindOf(error, words), message });
}

self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  crashed(event.reason);
});

// Starts the page. The theme comes first, so that it does not change before one's eyes.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that stores nothing has no theme of ours either.
}

// A function that returns a vector; valid where there is WebAssembly with SIMD.
const WITH_SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
];

function hasSimd() {
  return WebAssembly.validate(new Uint8Array(WITH_SIMD));
}

// Says instead of the page why there is none.
function fail(error) {
  let kind = error instanceof WebAssembly.RuntimeError ? "internal" : "network";
  let message = `The page did not start: ${error?.message ?? error}. Check the connection, then load it again.`;
  if (!hasSimd()) {
    kind = "unsupported-browser";
    message =
      "This browser has no WebAssembly SIMD, which this page needs. " +
      "Chrome and Edge have it from version 91, Firefox from 89, Safari from 16.4.";
  }
  const alert = document.createElement("div");
  alert.className = "banner banner-error";
  alert.setAttribute("role", "alert");
  alert.dataset.testid = "error";
  alert.dataset.kind = kind;
  const words = document.createElement("p");
  words.textContent = message;
  alert.append(words);
  (document.getElementById("main") ?? document.body).prepend(alert);
  const status = document.querySelector(".run-status");
  if (status) status.textContent = "The page did not start";
}

import("./app.js")
  .then(({ default: init }) => init({ module_or_path: new URL("app_bg.wasm", import.meta.url) }))
  .catch(fail);

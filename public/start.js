// Starts the page. The theme comes first, so that it does not change before one's eyes.
import init from "./app.js";

try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that stores nothing has no theme of ours either.
}

init({ module_or_path: new URL("app_bg.wasm", import.meta.url) });

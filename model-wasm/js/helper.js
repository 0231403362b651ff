// A thread of the inference module: a worker on the same memory.
self.onmessage = async ({ data: { glue, module, memory } }) => {
  const engine = await import(glue);
  await engine.default({ module_or_path: module, memory });
  self.onmessage = () => engine.help();
  self.postMessage("here");
};

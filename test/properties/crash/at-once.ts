// Loaded before the command: sends itself a signal as soon as anyone listens for it.
process.on("newListener", (name) => {
  if (name === "SIGTERM") setImmediate(() => process.kill(process.pid, "SIGTERM"));
});

type Zstd = typeof import("@bokuweb/zstd-wasm");

let loading: Promise<Zstd> | undefined;

/** Zstandard as WebAssembly, whose bytes are no other with another Node or machine; loaded with the first file that needs it. */
export function zstd(): Promise<Zstd> {
  loading ??= import("@bokuweb/zstd-wasm").then(async (module) => {
    await module.init();
    return module;
  });
  return loading;
}

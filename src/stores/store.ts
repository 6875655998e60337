/** An object of a store. */
export interface Stored {
  readonly key: string;
  readonly byteLength: number;
}

/**
 * Whole objects by key, a relative path with `/`. What stands under a key is whole: a writer that dies leaves nothing, and
 * of two that write at once one does. Files are whole or not there likewise. Whatever fails is an `EtlError`.
 */
export interface Store {
  /**
   * True where of many that put one key at once, one is told that it did, and its object stays. Else a key is looked for
   * before it is put: of two that look at once both put, both are told so, and the later object stays.
   */
  readonly isAtomic: boolean;
  /** Puts a file's bytes under a key that is free; false where it is taken, and then nothing has changed. */
  putIfAbsent(key: string, file: string, signal?: AbortSignal): Promise<boolean>;
  /** Brings an object into a file; false where there is no such object. */
  get(key: string, file: string, signal?: AbortSignal): Promise<boolean>;
  /** All objects whose keys begin so, in the keys' order by code unit; what was put before the call is among them. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<Stored>;
  /** Removes an object; where there is none, nothing happens. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
}

/** True for the address of a store; everything else is the path of a folder. */
export const isStore = (place: string): boolean => /^(?:s3|file|hf):\/\//.test(place);

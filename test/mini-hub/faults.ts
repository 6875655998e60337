/** A fault that the miniature Hub injects into the answers that match. */
export interface Fault {
  readonly bucket: "api" | "resolve" | "cdn";
  readonly path?: RegExp;
  /** Matching requests let through before it strikes. */
  skip?: number;
  /** How often it strikes; for ever where it is not given. */
  times?: number;
  /** A status to answer with, and its headers and body. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The body is cut after so many bytes, by closing the socket. */
  readonly cutAfter?: number;
  /** The bit at this offset of the file is flipped. */
  readonly flipAt?: number;
  /** No answer ever comes. */
  readonly stall?: boolean;
  /** Content-Range is moved by so many bytes. */
  readonly shiftRange?: number;
}

/** The first fault that matches, counted down. */
export function faultFor(faults: readonly Fault[], bucket: Fault["bucket"], url: string): Fault | undefined {
  for (const fault of faults) {
    if (fault.bucket !== bucket || (fault.path && !fault.path.test(decodeURIComponent(url))) || fault.times === 0)
      continue;
    if (fault.skip) fault.skip -= 1;
    else {
      if (fault.times !== undefined) fault.times -= 1;
      return fault;
    }
  }
  return undefined;
}

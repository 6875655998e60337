import { cleaner } from "./printable.ts";

/** How often a line is written where there is no terminal to draw a bar on. */
const LINE_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 24;

export interface Progress {
  /** What is being done, how far, and a word on the rest. */
  show(label: string, done: number, total: number, detail?: string): void;
  /** A line that stays. */
  note(line: string): void;
  /** Says that requests wait, for so many ms from now, and why. */
  wait(ms: number, why: string): void;
  end(): void;
}

export const silent: Progress = { show: () => {}, note: () => {}, wait: () => {}, end: () => {} };

type Stream = Pick<NodeJS.WriteStream, "columns" | "isTTY" | "write">;

/** Progress on standard error: a bar on a terminal, a line every few seconds elsewhere. */
export function progressOn(stream: Stream): Progress {
  const { show, note, wait, end } = stream.isTTY ? bar(stream) : lines(stream);
  const clean = cleaner();
  return {
    show: (label, done, total, detail) => show(label, done, total, detail && clean(detail)),
    note: (line) => note(clean(line)),
    wait: (ms, why) => wait(ms, clean(why)),
    end,
  };
}

/** Those who wait for one thing end within this of each other, and are told of once. */
const SAME_WAIT_MS = 1000;
const waiting = (ms: number, why: string) => `waiting ${Math.ceil(ms / 1000)} s: ${why}`;

function lines(stream: Stream): Progress {
  let last = 0;
  let waitUntil = 0;
  return {
    show(label, done, total, detail = "") {
      const now = Date.now();
      if (done < total && now - last < LINE_EVERY_MS) return;
      last = now;
      stream.write(`${label} ${done}/${total} ${detail}\n`);
    },
    note: (line) => void stream.write(`${line}\n`),
    wait(ms, why) {
      const until = Date.now() + ms;
      if (until <= waitUntil + SAME_WAIT_MS) return;
      waitUntil = until;
      stream.write(`${waiting(ms, why)}\n`);
    },
    end: () => {},
  };
}

function bar(stream: Stream): Progress {
  let [last, shown, head, rest] = [0, false, "", ""];
  let wait = { untilMs: 0, why: "" };
  let ticking: NodeJS.Timeout | undefined;
  const clear = () => {
    if (shown) stream.write("\r\x1b[K");
    shown = false;
  };
  const draw = () => {
    const leftMs = wait.untilMs - Date.now();
    clearTimeout(ticking);
    // Counts down while nothing else is drawn.
    if (leftMs > 0) ticking = setTimeout(draw, 1000).unref();
    clear();
    stream.write(`${head}${leftMs > 0 ? waiting(leftMs, wait.why) : rest}`.slice(0, stream.columns || 120));
    shown = true;
  };
  return {
    show(label, done, total, detail = "") {
      const full = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
      head = `${label} ${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${done}/${total} `;
      rest = detail;
      const now = Date.now();
      if (done < total && now - last < DRAW_EVERY_MS) return;
      last = now;
      draw();
    },
    note(line) {
      clear();
      stream.write(`${line}\n`);
    },
    wait(ms, why) {
      const untilMs = Date.now() + ms;
      if (untilMs <= wait.untilMs + SAME_WAIT_MS) return;
      wait = { untilMs, why };
      draw();
    },
    end() {
      clearTimeout(ticking);
      clear();
    },
  };
}

/** 12.3 MB and the like, in powers of 1000. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** How often a line is written where there is no terminal to draw a bar on. */
const LINE_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 24;

export interface Progress {
  /** What is being done, how far, and a word on the rest. */
  show(label: string, done: number, total: number, detail?: string): void;
  /** A line that stays. */
  note(line: string): void;
  end(): void;
}

export const silent: Progress = { show: () => {}, note: () => {}, end: () => {} };

/** Progress on standard error: a bar on a terminal, a line every few seconds elsewhere. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  let last = 0;
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write("\r\x1b[K");
    drawn = false;
  };
  return {
    show(label, done, total, detail = "") {
      const now = Date.now();
      if (done < total && now - last < (stream.isTTY ? DRAW_EVERY_MS : LINE_EVERY_MS)) return;
      last = now;
      if (!stream.isTTY) {
        stream.write(`${label} ${done}/${total} ${detail}\n`);
        return;
      }
      const full = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
      clear();
      stream.write(
        `${label} ${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${done}/${total} ${detail}`.slice(
          0,
          stream.columns || 120,
        ),
      );
      drawn = true;
    },
    note(line) {
      clear();
      stream.write(`${line}\n`);
    },
    end: clear,
  };
}

/** 12.3 MB and the like, in powers of 1000. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

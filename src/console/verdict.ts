import { EtlError } from "../errors.ts";
import type { Plan, Reject } from "../model/plan.ts";
import type { Given } from "./flags.ts";

/** How many of a selection may be rejected by --max-rejects: a number, or a share of all. */
export function mostRejects(given: Given, selected: number): number {
  const text = given.text("max-rejects") ?? "10%";
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (number === undefined || (percent === "" && !/^\d+$/.test(number)) || (percent && Number(number) > 100))
    throw new EtlError("usage", `--max-rejects ${text}: give a number such as 20, or a share such as 5%`);
  return percent ? (selected * Number(number)) / 100 : Number(number);
}

/**
 * Whether what was written is a success: exit code 65 and the reasons where an archive could not be read, or more of the
 * selection was rejected than is allowed.
 */
export function verdict(
  given: Given,
  plan: Pick<Plan, "rejects">,
  { rows, rejects }: { rows: number; rejects: readonly Pick<Reject, "reason">[] },
): { exitCode: number; complaint?: string } {
  const archives = plan.rejects.filter(({ image, reason }) => image === null && reason === "unreadable-archive");
  const series = rejects.length - archives.length;
  const complaints: string[] = [];
  if (archives.length > 0 && !given.on("ignore-unread"))
    complaints.push(
      `${count(archives.length, "archive")} cannot be read: ${archives
        .slice(0, 3)
        .map(({ detail }) => detail)
        .join(" · ")}${archives.length > 3 ? ` · and ${archives.length - 3} more` : ""} (--ignore-unread accepts this)`,
    );
  const most = mostRejects(given, rows + series);
  if (series > most)
    complaints.push(
      `${series} of ${rows + series} series were rejected, more than --max-rejects ${given.text("max-rejects") ?? "10%"} allows; rejects.jsonl has each with its reason`,
    );
  if (complaints.length === 0) return { exitCode: 0 };
  return { exitCode: 65, complaint: complaints.join("; ") };
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

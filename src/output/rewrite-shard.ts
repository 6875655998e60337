import { readFile, rename } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { syncFolder, writeFault } from "../files/whole-file.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Row } from "../model/row.ts";
import { columnsOf, layoutOf } from "../shards/columns.ts";
import { shardFormat } from "../shards/formats.ts";
import { receiptPath } from "./layout.ts";
import { makeInto, sha256OfFile, writeInto } from "./output-folder.ts";
import { sealed } from "./receipts.ts";

/**
 * The shard without some of its rows: new file, new receipt beside the old, then both renamed. After a crash between the
 * two renames the file is the one that the new receipt names, which is then put in its place.
 */
export async function rewriteShard(
  folder: string,
  plan: Plan,
  receipt: Receipt,
  ids: ReadonlySet<string>,
): Promise<void> {
  const target = path.join(folder, receipt.path);
  const next = `${receiptPath(folder, receipt.shard)}.next`;
  const sha256 = await sha256OfFile(target).catch((error) => {
    throw new EtlError("not-verified", `${receipt.path}: is missing; run convert again`, error);
  });
  if (sha256 !== receipt.sha256) {
    const pending = await readFile(next, "utf8").then(
      (text) => JSON.parse(text) as Receipt,
      () => undefined,
    );
    if (pending?.sha256 === sha256) return rename(next, receiptPath(folder, receipt.shard));
    throw new EtlError("not-verified", `${receipt.path}: does not match its receipt; run convert again`);
  }
  const { format: name, engine, rowGroupBytes, codec } = plan.output;
  const format = shardFormat(name, engine);
  async function* kept(): AsyncGenerator<Row> {
    for await (const row of (await format.open(target)).rows()) if (!ids.has(row.id)) yield row;
  }
  await makeInto(folder, target, async (temporary) => {
    const options = { columns: columnsOf(plan.output), layout: layoutOf(plan.output), rowGroupBytes, codec };
    const written = await format.write(temporary, kept(), options);
    await writeInto(folder, next, sealed({ ...without(receipt, plan, ids), ...written }));
  });
  await rename(next, receiptPath(folder, receipt.shard)).catch((error) => {
    throw writeFault(error, target);
  });
  await syncFolder(path.dirname(next));
}

function without(receipt: Receipt, plan: Plan, ids: ReadonlySet<string>): Receipt {
  const rejects = plan.rows
    .filter((row) => ids.has(row.id))
    .map(({ id, image, split }) => {
      return { id, image, split, reason: "taken-down", detail: `${id}: taken down after it was converted` };
    });
  return {
    ...receipt,
    ids: receipt.ids.filter((id) => !ids.has(id)),
    volumes: receipt.volumes.filter((_, at) => !ids.has(receipt.ids[at]!)),
    rows: receipt.rows - ids.size,
    rejects: [...receipt.rejects, ...rejects],
    dropped: receipt.dropped.filter(({ id }) => !ids.has(id)),
  };
}

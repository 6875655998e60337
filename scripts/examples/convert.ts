import path from "node:path";
import { convert, openSource, planConversion, verify, workers } from "../../src/index.ts";
import { withSource } from "./phantom-source.ts";

// The test split as shards, verified. Run again, it goes on where it stopped.
await withSource(async (name, folder) => {
  const source = await openSource(name);
  const executor = workers(2);
  try {
    const { plan } = await planConversion(source, { selection: { splits: ["test"] } });
    const out = path.join(folder, "out");
    const { receipts, made } = await convert(plan, source, { folder: out, executor, connections: 4 });
    console.log(`${receipts.length} shards, ${made} made now`);
    const { problems, rows } = await verify(out);
    console.log(problems.length === 0 ? `${rows} rows verified` : problems);
  } finally {
    await executor.close();
    await source.close();
  }
});

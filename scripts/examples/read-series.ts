import { openSource, planConversion, readSeries } from "../../src/index.ts";
import { withSource } from "./phantom-source.ts";

// Rows as they come, without a file: leave the loop whenever enough is read.
await withSource(async (name) => {
  const source = await openSource(name);
  try {
    const { plan } = await planConversion(source, { output: { volume: "native", preview: false } });
    let read = 0;
    for await (const row of readSeries(plan, source, {
      onReject: ({ id, reason }) => console.log(`${id}: ${reason}`),
    })) {
      console.log(`${row.id}  uint8 [${row.volume_shape}]  ${row.report?.slice(0, 60)}`);
      if (++read === 3) break;
    }
  } finally {
    await source.close();
  }
});

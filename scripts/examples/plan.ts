import { openSource, planConversion, planSummary } from "../../src/index.ts";
import { withSource } from "./phantom-source.ts";

// What a conversion of the 100-series test list would read and write. Nothing but directories is read.
await withSource(async (name) => {
  const source = await openSource(name);
  try {
    const { plan } = await planConversion(source, {
      selection: { splits: ["test100"] },
      output: { volume: "m3d", dtype: "float16" },
    });
    console.log(planSummary(plan));
  } finally {
    await source.close();
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { noSeries } from "../../src/plan/make-plan.ts";

const files = { archives: 0, loose: 0, tables: 0, cards: 1, junk: 0, unread: 0 };

test("who gives shards as a source is told what reads them; who gives none is not", () => {
  const ofShards = noSeries({ name: "me/shards", files: { ...files, tables: 8 } }, []);
  assert.match(
    ofShards.message,
    /^me\/shards: no series found in 8 tables, 1 card; if its tables are shards, view shows them\. Read are/,
  );
  assert.doesNotMatch(noSeries({ name: "me/card", files }, []).message, /shards, view/);
});

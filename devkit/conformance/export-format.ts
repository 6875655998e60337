import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isFault } from "../../src/errors.ts";
import type { ExportFormat } from "../../src/export/export-format.ts";
import type { Row } from "../../src/model/row.ts";
import { fullRow } from "../rows/rows.ts";

/** What every kind of tree promises of a row that has all it needs. */
export function exportFormatSuite(format: ExportFormat, row: Row = fullRow): void {
  describe(`${format.name} keeps the promises of an export format`, () => {
    test("the same row gives the same files and lists, and is left as it was", () => {
      const before = structuredClone(row);
      assert.deepEqual(format.made(structuredClone(row)), format.made(row));
      assert.deepEqual(row, before);
    });

    test("what it does not name it does not read", () => {
      const named = Object.entries(row).map(([name, value]) => [
        name,
        (format.columns as readonly string[]).includes(name) ? value : null,
      ]);
      assert.deepEqual(format.made(Object.fromEntries(named) as Row), format.made(row));
    });

    test("paths are relative, inside the tree, and of each there is one", () => {
      const paths = format.made(row).files.map((file) => file.path);
      assert.ok(paths.length > 0);
      assert.equal(new Set(paths).size, paths.length);
      for (const name of paths) assert.match(name, /^[^/\\.][^/\\]*(\/[^/\\.][^/\\]*)*$/);
    });

    test("each entry of a list is JSON on one line; a row without a report is in none", () => {
      const { lists } = format.made(row);
      assert.equal(lists.length > 0, !format.inTars);
      for (const { entry } of lists) assert.ok(JSON.parse(entry) && !entry.includes("\n"));
      assert.deepEqual(format.made({ ...row, report: null }).lists, []);
    });

    if (!format.columns.includes("volume")) return;
    test("where there is no volume, it says what to do", () => {
      assert.throws(
        () => format.made({ ...row, volume: null }),
        (error) => isFault(error, "usage") && error.message.includes(row.id),
      );
    });
  });
}

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { verify } from "../../src/run/verify.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { conversion } from "./conversion.ts";

const folder = temporaryFolder("m3d-mini");
process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");

test(
  "real CT from the miniature Hub: rows, splits, and every oddity as its README says",
  withoutSharedData,
  async () => {
    const hub = await startHub({ dir: path.join(sharedData, "m3d-mini"), repo: "mini/M3D-Cap" });
    try {
      const out = path.join(folder, "out");
      const output = { volume: "none", slices: true } as const;
      const { rows, plan, rejects } = await conversion("mini/M3D-Cap", out, {
        output,
        open: { endpoint: hub.endpoint },
      });
      const ofSplit = (name: string) => [...rows.values()].filter((row) => row.split === name).length;
      assert.deepEqual(["train", "validation", "test"].map(ofSplit), [22, 4, 8]);
      const subset = (name: string) => [...rows.values()].filter((row) => row.subsets!.includes(name)).length;
      assert.deepEqual(["test100", "test500", "test1k"].map(subset), [2, 4, 6]);
      assert.deepEqual(rejects, ["ct_case/014422/Sagittal_C__arterial_phase: missing-series"]);

      const dropped = [...rows.values()].filter((row) => row.slices_dropped! > 0);
      assert.deepEqual(
        dropped.map((row) => [row.id, row.slices_dropped]),
        [["ct_case/014422/_non_contrast", 1]],
      );
      const gap = rows
        .get("ct_case/014530/Axial_bone_window")!
        .slices!.map(({ path: name }) => Number.parseInt(name!, 10));
      assert.ok(gap.includes(39) && gap.includes(43) && !gap.includes(40) && !gap.includes(42));
      assert.deepEqual(
        gap,
        [...gap].sort((a, b) => a - b),
      );
      assert.equal(rows.get("ct_case/000087/Pöschl")!.image, "M3D_Cap_npy/ct_case/000087/Poschl.npy");
      const sourceOf = (caseId: string) => [...rows.values()].find((row) => row.id.includes(`/${caseId}/`))!;
      assert.equal(sourceOf("015801").report_source, "discussion");
      assert.equal(sourceOf("005500").report_source, "whole_text");
      const { age, gender, study_findings } = sourceOf("014422").report_sections!;
      assert.deepEqual([age, gender], [null, "Female"]);
      assert.match(study_findings!, /^Adequate opacification[\s\S]*hiatus hernia\.$/);
      assert.deepEqual(
        [sourceOf("015801").report_sections!.age, sourceOf("015801").report_sections!.study_findings],
        ["55 years", null],
      );
      // The id 000019 is of two cases, one in each collection.
      const of19 = new Set([...rows.values()].filter((row) => row.case_id === "000019").map((row) => row.report));
      assert.equal(of19.size, 2);
      assert.deepEqual(plan.fetch.resolves, 3);
      assert.deepEqual((await verify(out)).problems, []);
    } finally {
      await hub.close();
    }
  },
);

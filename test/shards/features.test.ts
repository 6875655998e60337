import assert from "node:assert/strict";
import { test } from "node:test";
import { areFeaturesOf, features } from "../../src/shards/features.ts";

const of = (name: "subsets" | "slices" | "vqa") => features([name]).info.features[name] as Record<string, unknown>;

test("lists are written as `datasets` 3.6 and 5 both read them", () => {
  assert.deepEqual(of("subsets"), { feature: { dtype: "string", _type: "Value" }, _type: "Sequence" });
  assert.deepEqual(of("slices"), { feature: { _type: "Image" }, _type: "Sequence" });
});

test("a list of structs is in brackets: a `Sequence` would turn it into a struct of lists", () => {
  const [question, ...more] = of("vqa") as unknown as { answer: unknown }[];
  assert.deepEqual([question?.answer, more], [{ dtype: "string", _type: "Value" }, []]);
});

test("shards with the features that were written before are still right, and others are not", () => {
  const earlier = (type: string) => ({
    info: { features: { subsets: { feature: { dtype: "string", _type: "Value" }, _type: type } } },
  });
  assert.ok(areFeaturesOf(earlier("List"), ["subsets"]));
  assert.ok(areFeaturesOf(features(["subsets", "vqa"]), ["subsets", "vqa"]));
  assert.ok(!areFeaturesOf(earlier("LargeList"), ["subsets"]));
  assert.ok(!areFeaturesOf(null, ["subsets"]));
});

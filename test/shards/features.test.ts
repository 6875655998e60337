import assert from "node:assert/strict";
import { test } from "node:test";
import { findPython, runPython } from "../../scripts/python.ts";
import { columnNames } from "../../src/model/columns.ts";
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

const python = findPython(["datasets"]);
const skip = python === undefined && "Python's datasets is not installed";
test("`datasets` reads every column's lists as lists", { skip }, async () => {
  const source = "import json, sys; from datasets import Features; print(Features.from_dict(json.loads(sys.argv[1])))";
  const { code, text } = await runPython(python!, ["-c", source, JSON.stringify(features(columnNames).info.features)]);
  assert.equal(code, 0, text);
  // Before 4 its lists are Sequence(…), and those of structs [{…}].
  assert.match(text, /'vqa': (List\(\{|\[\{)/);
  assert.match(text, /'slices': (List|Sequence)\((feature=)?Image/);
  assert.match(text, /'volume_shape': (List|Sequence)\((feature=)?Value/);
});

import type { Row } from "../../src/model/row.ts";

/** A row with a value in every column. */
export const fullRow: Row = {
  id: "ct_case/000006/Axial_non_contrast",
  image: "M3D_Cap_npy/ct_case/000006/Axial_non_contrast.npy",
  collection: "ct_case",
  case_id: "000006",
  series: "Axial_non_contrast",
  plane: "axial",
  phase: "non_contrast",
  split: "train",
  subsets: ["test100", "test500"],
  split_by_case: "test",
  report: "\ufeffÉtude: 左肺 \u{1f9e0}\nno finding",
  report_source: "study_findings",
  report_raw: "",
  report_sections: {
    title: "Quiz 1",
    presentation: null,
    age: "60 years",
    gender: "",
    discussion: "x\ny",
    study_findings: null,
  },
  vqa: [
    {
      question_type: "1",
      question: "Which plane?",
      choice_a: "axial",
      choice_b: "NA",
      choice_c: "",
      choice_d: null,
      answer: "axial",
      answer_choice: "A",
    },
  ],
  volume: Uint8Array.from({ length: 24 }, (_, at) => at * 11),
  volume_shape: [2, 3, 4],
  volume_dtype: "uint8",
  slices: [
    { bytes: Uint8Array.of(255, 216, 0), path: "0.png" },
    { bytes: new Uint8Array(), path: null },
    { bytes: null, path: "2 ü.png" },
  ],
  preview: { bytes: Uint8Array.of(1, 2, 3), path: "preview.jpg" },
  slice_count: 2,
  slice_height: 3,
  slice_width: 4,
  slices_dropped: 0,
  crop_box: [0, 2, 0, 3, 0, 4],
  intensity_range: [0, 253],
  pixels_sha256: "ab".repeat(32),
  source_file: "ct_case.zip",
  source_revision: "0123456789abcdef0123456789abcdef01234567",
};

/** Null in every column that a row may leave empty. */
export const bareRow: Row = {
  ...fullRow,
  id: "ct_quizze/1/x",
  image: null,
  plane: null,
  phase: null,
  split: null,
  subsets: null,
  split_by_case: null,
  report: null,
  report_source: null,
  report_raw: null,
  report_sections: null,
  vqa: null,
  volume: null,
  volume_shape: null,
  volume_dtype: null,
  slices: null,
  preview: null,
  crop_box: null,
  slices_dropped: -2147483648,
  slice_count: 2147483647,
};

/** Lists that are empty, bytes that are empty, images of which nothing is known. */
export const emptyRow: Row = {
  ...fullRow,
  id: "",
  subsets: [],
  vqa: [],
  volume: new Uint8Array(),
  volume_shape: [],
  slices: [],
  preview: { bytes: null, path: null },
  crop_box: [],
  intensity_range: [],
};

/** Bytes that no codec makes smaller, the same for the same seed. */
export function noise(byteLength: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(byteLength / 4));
  let state = seed + 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, byteLength);
}

/** `count` rows, each with its own volume of noise. */
export async function* largeRows(count: number, volumeBytes: number): AsyncGenerator<Row> {
  for (let at = 0; at < count; at++)
    yield { ...fullRow, id: `ct_case/${at}/Axial`, volume: noise(volumeBytes, at), volume_shape: [volumeBytes] };
}

export async function* streamOf<T>(rows: Iterable<T>): AsyncGenerator<T> {
  yield* rows;
}

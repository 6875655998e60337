import { randomFrom } from "./random.ts";

const places = [
  "left upper lobe",
  "right lower lobe",
  "segment VI of the liver",
  "left kidney",
  "anterior mediastinum",
];
const findings = ["a rounded soft tissue nodule", "a hypodense lesion with a smooth margin", "a small calcified focus"];
const endings = ["No free fluid.No enlarged nodes.", "The bones are intact. ", "No pleural effusion is seen."];

/** An invented report in the layout of the data set's text.txt; `short` leaves the findings empty. */
export function reportText(seed: string, short = false): string {
  const random = randomFrom(seed);
  const one = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
  const age = 20 + Math.floor(random() * 60);
  const seen = `There is ${one(findings)} in the ${one(places)}, ${5 + Math.floor(random() * 40)}\u00a0mm across. ${one(endings)}`;
  return [
    `Title:Phantom ${Math.floor(random() * 1e6)}`,
    `presentation:${one(["Cough for 2 weeks.", "Abdominal pain.", "Incidental finding."])} `,
    `patient:Age:${age} years\nGender:${one(["Female", "Male"])}`,
    `discussion:\nThis body is made of ellipsoids.\nIt shows ${one(findings)}.\n`,
    `study_findings:\n${short ? "\n" : `${seen}\n\nImpression:\nDrawn, not scanned.`}`,
  ].join("\n\n\n");
}

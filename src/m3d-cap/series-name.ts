const PLANE = /^(axial|coronal|sagittal)(?![A-Za-z])/i;

/**
 * Plane and phase, as far as a series' name tells them. Names are free text of the form `<plane>_<phase>` in which every
 * other sign became "_"; the phase is the rest in lower case with single spaces, null where it is absent or "None".
 */
export function planeAndPhase(series: string): { plane: string | null; phase: string | null } {
  const plane = PLANE.exec(series)?.[1];
  const rest = series
    .slice(plane?.length ?? 0)
    .replace(/[_\s]+/g, " ")
    .trim()
    .toLowerCase();
  return { plane: plane?.toLowerCase() ?? null, phase: rest === "" || rest === "none" ? null : rest };
}

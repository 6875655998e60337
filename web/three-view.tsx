import { useEffect, useRef, useState } from "preact/hooks";
import type { Stack } from "./stack.ts";
import type { Three } from "./three.ts";

/** A bundle of its own, which is loaded when it is asked for. */
const BUNDLE = "./three.js";
const load = () => import(BUNDLE) as Promise<typeof import("./three.ts")>;

const hasWebGl = () => document.createElement("canvas").getContext("webgl2") !== null;

export function ThreeView({ stack, close }: { stack: Stack; close: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const three = useRef<Three | undefined>(undefined);
  const [state, setState] = useState("Building the volume…");
  // Nothing tells the distance of slices: this makes the stack about as deep as it is wide, and may be changed.
  const [stretch, setStretch] = useState(() =>
    Math.max(1, Math.round((7.5 * Math.min(stack.width, stack.height)) / stack.depth) / 10),
  );
  useEffect(() => {
    if (!hasWebGl())
      return setState(
        "This browser has no WebGL2, which the three planes and 3D take. The slices are shown without it.",
      );
    let isGone = false;
    const build = async () => {
      const { showThree } = await load();
      const built = await showThree(canvas.current!, stack, stretch, () => isGone);
      if (isGone) return built?.close();
      three.current = built;
      setState("");
    };
    build().catch((error: Error) => isGone || setState(`It cannot be shown: ${error.message}`));
    return () => {
      isGone = true;
      three.current?.close();
      three.current = undefined;
    };
  }, [stack]);
  const restretch = (value: number) => {
    setStretch(value);
    three.current?.stretch(value);
  };
  return (
    <>
      <div class="screen">
        <canvas
          ref={canvas}
          class="three"
          role="img"
          aria-label="Three planes and 3D"
          data-ready={state === "" ? "yes" : "no"}
        />
        {state !== "" && <p role="status">{state}</p>}
      </div>
      <div class="controls">
        <label>
          Depth of a slice, guessed
          <input
            type="range"
            min={0.2}
            max={20}
            step={0.1}
            value={stretch}
            onInput={(event) => restretch(Number(event.currentTarget.value))}
          />
        </label>
        <output>{stretch.toFixed(1)} × a pixel</output>
        <span class="grow" />
        <button type="button" onClick={close} title="Back to the slices (v)">
          Slices
        </button>
      </div>
      <p class="unknown">Re-sliced as if the slices were square to the stack; distances and directions are guesses.</p>
    </>
  );
}

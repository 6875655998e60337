import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Go } from "./app.tsx";
import type { Picture } from "./data-set.ts";
import { useKeys } from "./keys.ts";
import type { Route } from "./query.ts";
import { lookup, plain, type Shown, type Stack } from "./stack.ts";

const FRAME_MS = 80;
/** The address follows once the slice is settled. */
const SETTLED_MS = 250;

interface Props {
  readonly stack: Stack | undefined;
  readonly fault: string | undefined;
  readonly pictures: readonly Picture[];
  readonly picture: Picture | undefined;
  readonly setPicture: (picture: Picture) => void;
  readonly route: Route;
  readonly go: Go;
  readonly openThree: () => void;
}

export function StackView(props: Props) {
  const { stack, fault, route, go } = props;
  const depth = stack?.depth ?? 0;
  const [z, setZ] = useState(route.z - 1);
  const [shown, setShown] = useState<Shown>(plain);
  const [isPlaying, setPlaying] = useState(false);
  const move = (by: number) => setZ((now) => Math.max(0, Math.min(depth - 1, now + by)));
  // The middle shows more than the edge.
  useEffect(() => {
    if (depth > 0) setZ((now) => (now < 0 || now >= depth ? Math.floor(depth / 2) : now));
  }, [depth]);
  useEffect(() => {
    if (!isPlaying || depth === 0) return;
    const timer = setInterval(() => setZ((now) => (now + 1) % depth), FRAME_MS);
    return () => clearInterval(timer);
  }, [isPlaying, depth]);
  useEffect(() => {
    if (isPlaying || depth === 0 || z === route.z - 1) return;
    const timer = setTimeout(() => go({ z: z + 1 }, "replace"), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [z, isPlaying, depth]);
  const invert = () => setShown({ ...shown, invert: !shown.invert });
  useKeys({
    ArrowUp: () => move(-1),
    ArrowDown: () => move(1),
    PageUp: () => move(-10),
    PageDown: () => move(10),
    Home: () => move(-depth),
    End: () => move(depth),
    " ": () => setPlaying(!isPlaying),
    i: invert,
    r: () => setShown(plain),
  });
  const isThere = stack && z >= 0 && z < depth;
  return (
    <>
      <div class="screen">
        {fault !== undefined && <p role="alert">{fault}</p>}
        {fault === undefined && !stack && <p aria-live="polite">Reading the pictures…</p>}
        {isThere && <SliceCanvas stack={stack} z={z} shown={shown} setShown={setShown} move={move} />}
        {isThere && <span class="place">{`${z + 1} / ${depth}`}</span>}
      </div>
      <div class="controls">
        <button
          type="button"
          disabled={!stack}
          aria-pressed={isPlaying}
          onClick={() => setPlaying(!isPlaying)}
          title="Play (space)"
        >
          {isPlaying ? "Stop" : "Play"}
        </button>
        <label class="slice">
          Slice
          <input
            type="range"
            min={1}
            max={Math.max(1, depth)}
            value={z + 1}
            disabled={!stack}
            onInput={(event) => setZ(Number(event.currentTarget.value) - 1)}
          />
        </label>
        <Slider
          name="Brightness"
          least={-100}
          most={100}
          value={shown.brightness}
          set={(brightness) => setShown({ ...shown, brightness })}
        />
        <Slider
          name="Contrast"
          least={10}
          most={400}
          value={shown.contrast}
          set={(contrast) => setShown({ ...shown, contrast })}
        />
        <button type="button" aria-pressed={shown.invert} onClick={invert} title="Invert (i)">
          Invert
        </button>
        <button type="button" disabled={shown === plain} onClick={() => setShown(plain)} title="Reset (r)">
          Reset
        </button>
        <span class="grow" />
        <PictureChoice {...props} />
        <button type="button" disabled={!stack} onClick={props.openThree} title="3 planes + 3D (v)">
          3 planes + 3D
        </button>
      </div>
    </>
  );
}

function PictureChoice({ pictures, picture, setPicture }: Props) {
  if (pictures.length < 2) return null;
  return (
    <span class="switch">
      {pictures.map((name) => (
        <button key={name} type="button" aria-pressed={name === picture} onClick={() => setPicture(name)}>
          {name === "slices" ? "Slices" : "Volume"}
        </button>
      ))}
    </span>
  );
}

function Slider({
  name,
  least,
  most,
  value,
  set,
}: {
  name: string;
  least: number;
  most: number;
  value: number;
  set: (value: number) => void;
}) {
  return (
    <label>
      {name}
      <input
        type="range"
        min={least}
        max={most}
        value={value}
        onInput={(event) => set(Number(event.currentTarget.value))}
      />
    </label>
  );
}

interface CanvasProps {
  readonly stack: Stack;
  readonly z: number;
  readonly shown: Shown;
  readonly setShown: (shown: Shown) => void;
  readonly move: (by: number) => void;
}

function SliceCanvas({ stack, z, shown, setShown, move }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [fault, setFault] = useState<string>();
  useLayoutEffect(() => {
    let isGone = false;
    stack.slice(z).then(
      (grey) => {
        if (isGone || !canvas.current) return;
        draw(canvas.current, stack, grey, shown);
        canvas.current.dataset["drawn"] = String(z + 1);
        setFault(undefined);
      },
      (error: Error) => isGone || setFault(`Slice ${z + 1} cannot be decoded here (${error.message})`),
    );
    return () => {
      isGone = true;
    };
  }, [stack, z, shown]);
  const latest = useRef(move);
  latest.current = move;
  useEffect(() => {
    let turned = 0;
    // Trackpads send many small steps, a wheel one of about 100.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      turned += event.deltaMode === 0 ? event.deltaY / 40 : event.deltaY;
      const steps = Math.trunc(turned);
      turned -= steps;
      if (steps !== 0) latest.current(Math.max(-2, Math.min(2, steps)));
    };
    const element = canvas.current!;
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const [brightness, contrast] = [shown.brightness - event.movementY / 3, shown.contrast + event.movementX];
    setShown({
      ...shown,
      brightness: Math.round(Math.max(-100, Math.min(100, brightness))),
      contrast: Math.round(Math.max(10, Math.min(400, contrast))),
    });
  };
  return (
    <>
      <canvas
        ref={canvas}
        width={stack.width}
        height={stack.height}
        role="img"
        aria-label={`Slice ${z + 1} of ${stack.depth}`}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
      />
      {fault !== undefined && <p role="alert">{fault}</p>}
    </>
  );
}

function draw(canvas: HTMLCanvasElement, { width, height }: Stack, grey: Uint8Array, shown: Shown): void {
  const table = lookup(shown);
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < grey.length; at++) pixels[at] = 0xff000000 | (table[grey[at]!]! * 0x010101);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

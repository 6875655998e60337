import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Shared } from "./app.tsx";
import { exclusionList } from "./flags.ts";

type Name = "help" | "flags";
export interface DialogState {
  readonly open: Name | undefined;
  readonly show: (name: Name | undefined) => void;
}

export function useDialogs(): DialogState {
  const [open, show] = useState<Name>();
  return { open, show };
}

export function Dialogs(shared: Shared & { dialogs: DialogState }) {
  const { open, show } = shared.dialogs;
  const close = () => show(undefined);
  if (open === "help") return <Help close={close} />;
  return open === "flags" ? <FlagList {...shared} close={close} /> : null;
}

function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-label={title}>
      <header class="bar">
        <h2>{title}</h2>
        <span class="grow" />
        <button type="button" onClick={() => dialog.current!.close()}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}

const keys: readonly (readonly [string, string])[] = [
  ["/", "search"],
  ["↑ ↓ or j k", "move in the list"],
  ["Enter", "open the series"],
  ["wheel, ↑ ↓", "slice by slice"],
  ["Page Up, Page Down", "ten slices at once"],
  ["Space", "play and stop"],
  ["drag", "brightness up and down, contrast sideways"],
  ["i", "invert"],
  ["r", "reset brightness and contrast"],
  ["← → or p n", "previous and next series of the list"],
  ["s", "next series of the same case"],
  ["f", "flag, with a reason"],
  ["v", "three planes and 3D"],
  ["Esc", "back to the list"],
];

function Help({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

function FlagList({ data, flags, flag, go, route, close }: Shared & { close: () => void }) {
  const { title, revision } = data.info;
  const download = () => {
    const url = URL.createObjectURL(new Blob([exclusionList(title, revision, flags)], { type: "text/plain" }));
    const link = document.createElement("a");
    Object.assign(link, { href: url, download: "exclude.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return (
    <Dialog title={`Flagged series: ${flags.size}`} close={close}>
      {flags.size === 0 ? (
        <p>
          Nothing is flagged. Press <kbd>f</kbd> on a series to put it on a list that <code>convert --exclude</code> and{" "}
          <code>publish --exclude</code> take.
        </p>
      ) : (
        <>
          <ul class="flags">
            {[...flags].map(([id, reason]) => (
              <li key={id}>
                <span>
                  <code>{id}</code>
                  {reason !== "" && <small>{reason}</small>}
                </span>
                <button type="button" onClick={() => flag(id, undefined)} aria-label={`Take the flag off ${id}`}>
                  Remove
                </button>
              </li>
            ))}
          </ul>
          <p class="actions">
            <button type="button" class="main" onClick={download}>
              Download exclude.txt
            </button>
            <button
              type="button"
              onClick={() => {
                go({ id: undefined, query: { ...route.query, flagged: route.query.flagged === "" ? "yes" : "" } });
                close();
              }}
            >
              {route.query.flagged === "" ? "Show flagged alone" : "Show all"}
            </button>
          </p>
        </>
      )}
    </Dialog>
  );
}

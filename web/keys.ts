import { useEffect, useRef } from "preact/hooks";

export type Keys = Readonly<Record<string, () => void>>;

/** What a key does on this screen, unless it is typed into a field or presses what has the focus. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const target = event.target as Element;
      if (target.matches("input:not([type=range]), textarea, select")) {
        if (event.key === "Escape") (target as HTMLElement).blur();
        return;
      }
      if (target.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
      if (target.matches("button, a, summary") && (event.key === " " || event.key === "Enter")) return;
      const act = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

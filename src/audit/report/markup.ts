/** Markup that is safe to put into a page. */
export interface Markup {
  readonly markup: string;
}
export type Content = Markup | string | number | null | readonly Content[];

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function safe(content: Content): string {
  if (content === null) return "";
  if (typeof content === "string" || typeof content === "number")
    return String(content).replace(/[&<>"']/g, (sign) => SIGNS[sign]!);
  return "markup" in content ? content.markup : content.map(safe).join("");
}

/** A template whose values are text unless they are markup themselves: names and reports are others' words. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { markup: parts.map((part, at) => part + (at < values.length ? safe(values[at]!) : "")).join("") };
}

/** What another library has written as markup. */
export const asMarkup = (markup: string): Markup => ({ markup });

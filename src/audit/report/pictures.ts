import { loadSharp } from "../../slices/load-sharp.ts";
import type { SeriesFacts } from "../facts.ts";
import { withoutPersonalData } from "../measure/personal.ts";
import type { Spool } from "../spool.ts";
import { html, type Markup } from "./markup.ts";

/** Pixels of a picture's longer side: nine slices can still be told apart, and a thousand pictures make a page of some MB. */
const SIDE = 240;
const QUALITY = 72;

/** Shows series and reports that were spooled. */
export class Pictures {
  readonly #spool: Spool;
  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** A series' picture with its name, its split, and what is to be said of it. */
  async figure({ id, split, picture }: SeriesFacts, said = ""): Promise<Markup> {
    const source = picture && (await this.#dataUrl(picture));
    const image = source
      ? html`<img src="${source}" alt="Nine slices of ${id}" decoding="async">`
      : html`<div class="none">no preview</div>`;
    const [case_, series] = [id.split("/").slice(0, -1).join("/"), id.split("/").at(-1)!];
    return html`<figure class="series">${image}<figcaption><b>${breakable(series)}</b><span>${case_}</span>${badge(split ?? "unlisted")}${said === "" ? null : html`<span class="said">${said}</span>`}</figcaption></figure>`;
  }

  /** A report's beginning, personal data masked. */
  async excerpt({ report }: SeriesFacts, characters: number): Promise<string> {
    if (!report) return "";
    const text = Buffer.from(await this.#spool.read(report.text)).toString("utf8");
    const shown = withoutPersonalData(text).trim();
    return shown.length > characters ? `${shown.slice(0, characters)}…` : shown;
  }

  async #dataUrl(picture: NonNullable<SeriesFacts["picture"]>): Promise<string | undefined> {
    const sharp = await loadSharp();
    const bytes = await this.#spool.read(picture);
    const small = await sharp(bytes)
      .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
      .jpeg({ quality: QUALITY })
      .toBuffer()
      .catch(() => undefined);
    return small && `data:image/jpeg;base64,${small.toString("base64")}`;
  }
}

/** Names are long, and broken best where their words end. */
const breakable = (name: string) =>
  name.split(/(?<=_)(?=[^_])/).map((part, at) => html`${at > 0 ? WORD_END : null}${part}`);
const WORD_END = html`<wbr>`;

export const badge = (split: string): Markup => html`<i class="split ${split}">${split}</i>`;

import { EtlError } from "../errors.ts";
import { makeRecipe } from "../run/make-recipe.ts";
import { sourceText } from "../source/open-source.ts";
import type { Result } from "./commands.ts";
import { size } from "./progress.ts";
import { openFor, type Session } from "./session.ts";

export async function recipeCommand(session: Session): Promise<Result> {
  const { given, progress, signal } = session;
  const [folder] = given.positionals;
  const out = given.text("out");
  if (folder === undefined) throw new EtlError("usage", "no folder: give the --out folder of a conversion");
  if (out === undefined) throw new EtlError("usage", "no --out: give the folder for the recipe");
  const { recipe, receipts } = await makeRecipe(folder, out, {
    open: (source) => openFor(session, sourceText(source)),
    signal,
    onArchive: (done, total, path) => progress.show("recipe", done, total, path),
  });
  const bytes = receipts.reduce((sum, receipt) => sum + receipt.byteLength, 0);
  const members = recipe.archives.reduce((sum, archive) => sum + archive.members, 0);
  const { rows, shards } = recipe;
  const document = { folder, out, rows, shards, archives: recipe.archives.length, members, shardBytes: bytes };
  const text = `${rows} rows in ${shards} shards (${size(bytes)}) from ${members} members of ${document.archives} archives: coordinates and hashes alone, in ${out}\nit may be shared where the data may not\n`;
  return { document, text };
}

import type { Card } from "../hub/card.ts";

/** Licences by the Hub's names that allow anyone to hand on the data in another form. */
const REDISTRIBUTABLE =
  /^(?:cc0-1\.0|cc-by-(?:2\.0|2\.5|3\.0|4\.0)|cc-by-(?:nc-)?sa-[\d.]+|cc-by-nc-[\d.]+|pddl|odc-by|odbl|cdla-permissive-[\d.]+|cdla-sharing-1\.0|mit|apache-2\.0|bsd(?:-[23]-clause)?|unlicense)$/;

/** Why the source does not plainly allow a public copy, in words for its user; undefined where it does. */
export function whyNotPublic(source: Card | undefined): string | undefined {
  if (!source) return "the source's card cannot be read, so nothing says that its data may be redistributed";
  const { front, text } = source;
  const licences = [front["license"] ?? []].flat().map(String);
  const other = licences.filter((licence) => !REDISTRIBUTABLE.test(licence));
  if (licences.length === 0) return "the source's card names no licence";
  if (other.length > 0) return `the source's licence, ${other.join(", ")}, does not plainly allow redistribution`;
  if (front["extra_gated_prompt"] !== undefined || front["extra_gated_fields"] !== undefined)
    return "the source is gated: its users agree to terms first, which a public copy would pass by";
  if (/radiopaedia/i.test(text))
    return "the source's content is Radiopaedia's, whose licence does not allow redistribution without permission";
  return undefined;
}

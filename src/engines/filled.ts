import { EtlError } from "../errors.ts";

/** A template with `${name}` replaced, as `envsubst` would; a name that has no value is a usage error, not an empty string. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new EtlError(
        "usage",
        `a template asks for \${${name}}; it can have \${${Object.keys(values).join("}, ${")}}`,
      );
    return value;
  });
}

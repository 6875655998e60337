/**
 * A member's name as unzip and CPython take it: `\` is a separator, a drive letter, a leading `/` and empty or `.` folders
 * are nothing. `..` stays, for the caller to refuse; a trailing slash stays too, as it makes a folder.
 */
export function plainName(name: string): string {
  if (isPlain(name)) return name;
  const parts = name.replace(/^[A-Za-z]:/, "").split(/[\\/]/);
  const isFolder = /[\\/]\.?$/.test(name);
  const path = parts.filter((part) => part !== "" && part !== ".").join("/");
  return isFolder && path !== "" ? `${path}/` : path;
}

/** Nearly every name; to look is cheaper than to take apart. */
const isPlain = (name: string) => !/\\|^\/|\/\/|(?:^|\/)\.(?:\/|$)|^[A-Za-z]:/.test(name);

import { existsSync } from "node:fs";
import path from "node:path";

/** The data beside the checkout; tests that use it skip where it is absent, and say so. */
export const sharedData = path.resolve("..", "shared", "data");
export const withoutSharedData: { skip: string } | Record<string, never> = existsSync(sharedData)
  ? {}
  : { skip: `${path.relative(".", sharedData)} is not there` };

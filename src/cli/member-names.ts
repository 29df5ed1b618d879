import type { Naming } from "../util/errors.ts";

const flags: Readonly<Record<string, string>> = {
  message: "-m",
  labels: "--label",
  annotations: "--annotation",
  expiresAt: "--expires",
};

/** A member of the library's input as the command line has it: `--retry-timeout` for `retryTimeout`. */
export const asFlag: Naming = (member) => flags[member] ?? `--${kebab(member)}`;

/** `all-namespaces` for `allNamespaces`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

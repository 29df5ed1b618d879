import { usageError } from "../util/errors.ts";

/** Where a server listens. */
export interface ListenAddress {
  /** An address or a name of this machine; undefined: all its addresses. */
  readonly host: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * The value of `--listen`: `:9102`, `127.0.0.1:0`, `[::1]:9102`, `localhost:9102`. Undefined for `none`: nothing listens.
 *
 * @throws usage error for anything else
 */
export function parseListen(text: string): ListenAddress | undefined {
  if (text === "none") return undefined;
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (port < 65_536) return { host: bracketed ?? (plain || undefined), port };
  throw usageError(`invalid argument "${text}" for "--listen" flag: it is [ADDRESS]:PORT, like :9102, or none`);
}

/** As it is typed: `:9102`, `[::1]:9102`. */
export function listenText({ host = "", port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

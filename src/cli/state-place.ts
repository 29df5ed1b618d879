import { createHash } from "node:crypto";
import { isAbsolute, join, resolve } from "node:path";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";

/** What `--state` names. */
export type StatePlace =
  | { readonly kind: "none" }
  | { readonly kind: "file"; readonly file: string }
  /** `name`: of this router among those that share the database. */
  | { readonly kind: "postgres"; readonly url: string; readonly name: string };

/** Whose state it is, for the name of the usual file. */
export interface StateOwner {
  readonly server: string;
  readonly clusterUid: string | undefined;
  readonly namespace: string | undefined;
}

/**
 * @param given the value of `--state`; undefined: a file for this cluster and namespace in $XDG_STATE_HOME/kev/route, which is
 *   ~/.local/state where it is not set
 */
export function statePlace(
  given: string | undefined,
  { server, clusterUid, namespace }: StateOwner,
  { env, cwd, homeDir }: Pick<Context, "env" | "cwd" | "homeDir">,
): StatePlace {
  checkState(given);
  if (given === "none") return { kind: "none" };
  const cluster = clusterUid ?? createHash("sha256").update(server).digest("hex").slice(0, 16);
  const name = [cluster, namespace ?? []].flat().join("-");
  if (given !== undefined && databaseUrl.test(given)) return { kind: "postgres", url: given, name };
  if (given !== undefined) return { kind: "file", file: resolve(cwd, given) };
  const { XDG_STATE_HOME = "" } = env;
  // Relative ones are to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const base = isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(homeDir, ".local", "state");
  return { kind: "file", file: join(base, "kev", "route", `${name}.db`) };
}

const databaseUrl = /^postgres(ql)?:\/\//i;

/** @throws usage error for a value of `--state` that is no place; it is not said again, for there may be a password in it */
export function checkState(given: string | undefined): void {
  if (given === "") throw usageError('invalid argument "" for "--state" flag: it is a file, postgres://… or none');
  const [scheme] = /^[a-z][\w+.-]*:\/\//i.exec(given ?? "") ?? [];
  if (given === undefined || scheme === undefined || databaseUrl.test(given)) return;
  throw usageError(`invalid argument "${scheme}…" for "--state" flag: it is a file, postgres://… or none`);
}

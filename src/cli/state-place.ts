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
  const name = ownerName({ server, clusterUid, namespace });
  if (given !== undefined && databaseUrl.test(given)) return { kind: "postgres", url: given, name };
  if (given !== undefined) return { kind: "file", file: resolve(cwd, given) };
  return { kind: "file", file: join(stateFolder({ env, homeDir }), "route", `${name}.db`) };
}

/**
 * The file that `--state` names for a tracker; undefined: one for this cluster, namespace and what is tracked there, in
 * $XDG_STATE_HOME/kev/track.
 *
 * @param what the types, and a selector
 */
export function trackStateFile(
  given: string | undefined,
  owner: StateOwner,
  what: readonly string[],
  { env, cwd, homeDir }: Pick<Context, "env" | "cwd" | "homeDir">,
): string {
  if (given !== undefined) return resolve(cwd, given);
  const text = [...what].sort().join("+");
  // A name of a file has at most 255 bytes, and no slash.
  const shown = /^[a-z0-9.+-]{1,120}$/.test(text) ? text : sha256(text);
  return join(stateFolder({ env, homeDir }), "track", `${ownerName(owner)}-${shown}.db`);
}

function ownerName({ server, clusterUid, namespace }: StateOwner): string {
  return [clusterUid ?? sha256(server), namespace ?? []].flat().join("-");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function stateFolder({ env, homeDir }: Pick<Context, "env" | "homeDir">): string {
  const { XDG_STATE_HOME = "" } = env;
  // Relative ones are to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  return join(isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(homeDir, ".local", "state"), "kev");
}

/** @throws usage error for a value of a tracker's `--state` that is no file */
export function checkTrackState(given: string | undefined): void {
  const [scheme] = /^[a-z][\w+.-]*:\/\//i.exec(given ?? "") ?? [];
  if (given !== "" && scheme === undefined) return;
  const shown = scheme === undefined ? "" : `${scheme}…`;
  throw usageError(`invalid argument "${shown}" for "--state" flag: it is a file or none`);
}

const databaseUrl = /^postgres(ql)?:\/\//i;

/** @throws usage error for a value of `--state` that is no place; it is not said again, for there may be a password in it */
export function checkState(given: string | undefined): void {
  if (given === "") throw usageError('invalid argument "" for "--state" flag: it is a file, postgres://… or none');
  const [scheme] = /^[a-z][\w+.-]*:\/\//i.exec(given ?? "") ?? [];
  if (given === undefined || scheme === undefined || databaseUrl.test(given)) return;
  throw usageError(`invalid argument "${scheme}…" for "--state" flag: it is a file, postgres://… or none`);
}

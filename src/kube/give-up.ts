import type { ClientRequest } from "node:http";

const givenUp = Symbol("given up");

/**
 * Destroys a request.
 *
 * @returns whether it will say so by its events: Node is silent about one that has no socket as yet, and a proxy that never
 * answers never lets it have one
 */
export function giveUp(call: ClientRequest, reason: unknown): boolean {
  call.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  if (call.socket) return true;
  call.emit(givenUp);
  return false;
}

/** Calls `end` when the request is given up before it has a socket. */
export function whenGivenUp(call: ClientRequest, end: () => void): void {
  call.once(givenUp, end);
}

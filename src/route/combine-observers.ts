import type { RouteObserver } from "./route-observer.ts";

/** An observer that tells all of them. */
export function combineObservers(observers: readonly RouteObserver[]): RouteObserver {
  return {
    taken: (...what) => observers.forEach((one) => void one.taken(...what)),
    present: (...what) => observers.forEach((one) => void one.present(...what)),
    forgotten: (...what) => observers.forEach((one) => void one.forgotten(...what)),
    sent: (...what) => observers.forEach((one) => void one.sent(...what)),
    retried: (...what) => observers.forEach((one) => void one.retried(...what)),
    fellBack: (...what) => observers.forEach((one) => void one.fellBack(...what)),
    deadLettered: (...what) => observers.forEach((one) => void one.deadLettered(...what)),
    dropped: (...what) => observers.forEach((one) => void one.dropped(...what)),
    listed: (...what) => observers.forEach((one) => void one.listed(...what)),
    disconnected: (...what) => observers.forEach((one) => void one.disconnected(...what)),
    reconnected: () => observers.forEach((one) => void one.reconnected()),
    notStored: (...what) => observers.forEach((one) => void one.notStored(...what)),
    gap: (...what) => observers.forEach((one) => void one.gap(...what)),
  };
}

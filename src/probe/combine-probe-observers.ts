import type { ProbeObserver } from "./probe-observer.ts";

/** Tells all of them, in turn. */
export function combineProbeObservers(observers: readonly ProbeObserver[]): ProbeObserver {
  const all = (tell: (observer: ProbeObserver) => void): void => observers.forEach(tell);
  return {
    added: (...told) => all((one) => one.added(...told)),
    removed: (...told) => all((one) => one.removed(...told)),
    checked: (...told) => all((one) => one.checked(...told)),
    expiring: (...told) => all((one) => one.expiring(...told)),
    written: (...told) => all((one) => one.written(...told)),
    notWritten: (...told) => all((one) => one.notWritten(...told)),
    lost: (...told) => all((one) => one.lost(...told)),
    gone: (...told) => all((one) => one.gone(...told)),
    back: (...told) => all((one) => one.back(...told)),
    skipped: (...told) => all((one) => one.skipped(...told)),
    disconnected: (...told) => all((one) => one.disconnected(...told)),
  };
}

import type { Delivery } from "../../sinks/delivery.ts";
import { maskSecrets } from "../../sinks/preview-request.ts";
import type { Sink } from "../../sinks/sink.ts";
import { KevError } from "../../util/errors.ts";
import type { Repeats, RouteConfig } from "../config/route-config.ts";
import { explainRoutes, type RoutesExplanation } from "./explain-routes.ts";

/** Where a delivery would go, and what each sink would get. JSON. */
export interface TriedDelivery extends Pick<RoutesExplanation, "routes" | "objectMissing"> {
  readonly delivery: Delivery;
  readonly sinks: readonly TriedSink[];
}

export interface TriedSink {
  readonly sink: string;
  readonly type: string;
  /** The name of the route that decides on repeats. */
  readonly route: string;
  readonly repeats: Repeats;
  /** What would be sent, for a person to read, secrets masked; undefined where that cannot be made. */
  readonly payload: string | undefined;
  /** Why it cannot be made. */
  readonly problem: string | undefined;
}

/**
 * Says where deliveries would go and why. Sends nothing.
 *
 * @param sinks of the config, by name
 */
export async function* tryRoutes(
  config: RouteConfig,
  sinks: ReadonlyMap<string, Sink>,
  deliveries: Iterable<Delivery>,
): AsyncGenerator<TriedDelivery> {
  for (const given of deliveries) {
    const cluster = config.cluster === undefined ? undefined : { name: config.cluster, ...given.cluster };
    const delivery = cluster === undefined ? given : { ...given, cluster };
    const { routes, targets, objectMissing } = explainRoutes(config, delivery);
    const tried: TriedSink[] = [];
    for (const { sink, route, repeats } of targets) {
      const type = config.sinks.find(({ name }) => name === sink)?.type ?? "";
      const preview = await previewOf(sinks.get(sink), delivery, config.secrets ?? []);
      tried.push({ sink, type, route: route.slice(0, -sink.length - 1), repeats, ...preview });
    }
    yield { delivery, routes, objectMissing, sinks: tried };
  }
}

async function previewOf(
  sink: Sink | undefined,
  delivery: Delivery,
  secrets: readonly string[],
): Promise<Pick<TriedSink, "payload" | "problem">> {
  try {
    return { payload: maskSecrets((await sink?.preview([delivery])) ?? "", secrets), problem: undefined };
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    return { payload: undefined, problem: maskSecrets(error.message, secrets) };
  }
}

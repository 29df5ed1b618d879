import type { RouteTestCommandOptions } from "../commands/route-test.ts";
import type { KubeObject } from "../events/event.ts";
import { createSinks } from "../route/delivery/create-sinks.ts";
import { factsOf, readDeliveries, readObjects } from "../route/rules/read-deliveries.ts";
import { type TriedDelivery, tryRoutes } from "../route/rules/try-routes.ts";
import type { Delivery } from "../sinks/delivery.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { dataText } from "./data-text.ts";
import { loadRoutingFile, sinkServices } from "./load-routing-file.ts";
import { argumentName, readArgument } from "./read-argument.ts";
import { createRemarks } from "./remarks.ts";
import { triedText } from "./tried-text.ts";

/** `kev route test`: sends nothing and asks no server. */
export async function runRouteTest(options: RouteTestCommandOptions, context: Context): Promise<number> {
  const { filename, events, object, output } = options;
  // A wrong -o is said before anything is read.
  await dataText(output, []);
  if ([filename, object, ...events].filter((file) => file === "-").length > 1) {
    throw usageError("standard input cannot be used for multiple arguments");
  }
  const config = await loadRoutingFile(filename, context);
  if (events.length === 0) {
    throw usageError("no events given", {
      hint: `kubectl get events -o json | kev route test -f ${filename === "-" ? "FILE" : filename} -`,
    });
  }
  const deliveries: Delivery[] = [];
  for (const file of events) deliveries.push(...readDeliveries(await readArgument(file, context), argumentName(file)));
  const remarks = await createRemarks(context);
  if (deliveries.length === 0) remarks.note("there is no event in what was given");
  const objects = object === undefined ? [] : readObjects(await readArgument(object, context), argumentName(object));
  for (const { kind, metadata } of objects.filter((one) => !deliveries.some((delivery) => isAbout(delivery, one)))) {
    remarks.warn(`no event is about ${kind}/${metadata.name}`);
  }
  const sinks = await createSinks(config.sinks, sinkServices(context, filename));
  const tried: TriedDelivery[] = [];
  try {
    for await (const result of tryRoutes(config, sinks, withObjects(deliveries, objects))) {
      if (output) tried.push(result);
      else context.stdout.write(triedText(result));
    }
  } finally {
    for (const sink of sinks.values()) await sink.close();
  }
  if (output) context.stdout.write((await dataText(output, tried)) ?? "");
  return 0;
}

function withObjects(deliveries: readonly Delivery[], objects: readonly KubeObject[]): Delivery[] {
  return deliveries.map((delivery) => {
    const object = objects.find((one) => isAbout(delivery, one));
    return object ? { ...delivery, object: factsOf(object) } : delivery;
  });
}

function isAbout({ event: { involvedObject } }: Delivery, { kind, metadata }: KubeObject): boolean {
  const { name, namespace } = involvedObject;
  const isInPlace = !namespace || !metadata.namespace || namespace === metadata.namespace;
  return involvedObject.kind === kind && name === metadata.name && isInPlace;
}

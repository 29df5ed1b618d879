import { recordOf } from "../../util/is-record.ts";
import type { Remark } from "./differences.ts";
import { ReceiverReader } from "./receiver-reader.ts";
import { receiverTypes } from "./receiver-types.ts";

export interface ConvertedSink {
  readonly name: string;
  /** Its map in the routing file, `type` first. */
  readonly sink: Readonly<Record<string, unknown>>;
  /** Whether a template speaks of the object. */
  readonly needsObject: boolean;
}

/** Receiver → sink, in the file's order; the first of a name counts. */
export function convertReceivers(sources: readonly unknown[], remark: Remark): Map<string, ConvertedSink> {
  const sinks = new Map<string, ConvertedSink>();
  const names = new Set<string>();
  for (const [index, source] of sources.entries()) {
    const { name: given, ...rest } = recordOf(source);
    const receiver = typeof given === "string" ? given : "";
    const where = receiver === "" ? `receivers[${index}]` : `receiver "${receiver}"`;
    if (sinks.has(receiver)) {
      remark(where, "is there twice: the first one counts");
      continue;
    }
    const name = nameOf(receiver || `receiver-${index + 1}`, names);
    names.add(name);
    if (receiver !== "" && name !== receiver)
      remark(where, `is called "${name}": names are letters, digits, "-", "_" and "."`);
    sinks.set(receiver, { name, ...convertReceiver(rest, name, at(remark, where)) });
  }
  return sinks;
}

function at(remark: Remark, where: string): Remark {
  return (path, text) => remark(path === "" ? where : `${where}: ${path}`, text);
}

function convertReceiver(members: Record<string, unknown>, name: string, remark: Remark): Omit<ConvertedSink, "name"> {
  const type = Object.keys(receiverTypes).find((key) => Object.hasOwn(members, key));
  for (const key of Object.keys(members).filter((one) => one !== type)) {
    remark(key, "is left out: kubernetes-event-exporter looks at one type only, and at types that it knows");
  }
  const convert = type === undefined ? undefined : receiverTypes[type];
  if (type === undefined || convert === undefined) {
    remark("", `kev has no sink of type ${type ?? "none"}: its events go to stdout until you choose another`);
    return { sink: { type: "stdout" }, needsObject: false };
  }
  const reader = new ReceiverReader(recordOf(members[type]), { name, remark });
  const sink = convert(reader);
  reader.nameTheRest();
  return { sink, needsObject: reader.needsObject };
}

function nameOf(receiver: string, taken: ReadonlySet<string>): string {
  const name = receiver.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  const short = name.slice(0, 56).replace(/[^A-Za-z0-9]+$/, "") || "receiver";
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? short : `${short}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

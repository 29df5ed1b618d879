import { resolve } from "node:path";
import type { CheckFlags, ProbeCommandOptions } from "../commands/probe.ts";
import {
  defaultSettings,
  SettingProblem,
  type WordValues,
  wordKeys,
  wordSettings,
} from "../probe/config/check-settings.ts";
import { loadProbeConfig } from "../probe/config/load-probe-config.ts";
import { objectProblem } from "../probe/config/object-problem.ts";
import { targetUrl } from "../probe/config/parse-target-url.ts";
import { readHeaders } from "../probe/config/read-headers.ts";
import type { CheckSettings, ProbeEntry, TargetTls } from "../probe/target.ts";
import { usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import { readNamedFile } from "../util/read-named-file.ts";
import type { Context } from "./context.ts";
import { argumentName, readArgument } from "./read-argument.ts";

/** What is to be probed: by the command line, or by the file that it names. Throws usage errors. */
export async function probeInput(options: ProbeCommandOptions, context: Context): Promise<ProbeEntry[]> {
  const { urls, filename, on, once, namespace } = options;
  const problem = on === undefined ? undefined : objectProblem(on);
  if (problem !== undefined) throw usageError(`--on ${problem}`);
  if (filename !== undefined) {
    refuseBesideFile(options);
    const text = await readArgument(filename, context);
    const cwd = filename === "-" ? context.cwd : resolve(context.cwd, filename, "..");
    const place = { on, namespace, needsObject: !once };
    return await loadProbeConfig(text, { path: argumentName(filename), env: context.env, cwd, ...place });
  }
  if (on === undefined && !(once && urls.length > 0)) {
    throw usageError(
      urls.length === 0 ? "nothing to probe: name URLs, an Ingress by --on, or a file by -f" : noObject,
      {
        hint: "--on takes TYPE/NAME, like ingress/ui; --once does without",
      },
    );
  }
  const settings = await settingsOf(options, context);
  if (urls.length === 0) return [{ name: undefined, url: undefined, on, namespace, settings }];
  return urls.map((text) => ({ name: undefined, url: targetUrl(text), on, namespace, settings }));
}

const noObject = 'required flag(s) "on" not set: the object that the events are about';

function refuseBesideFile({ urls, ...options }: ProbeCommandOptions): void {
  if (urls.length > 0) throw usageError("URLs and -f cannot be used together: the file has its own");
  const given = flagNames.find(([name]) => options[name] !== undefined);
  if (given) throw usageError(`--${given[1]} and -f cannot be used together: it stands in the file`);
}

const flagNames: readonly (readonly [keyof CheckFlags, string])[] = [
  ...wordKeys.map((key) => [flagKey(key), wordSettings[key].flag] as const),
  ["header", "header"],
  ["cacert", "cacert"],
  ["cert", "cert"],
  ["key", "key"],
  ["insecure", "insecure"],
  ["serverName", "server-name"],
];

/** As commander calls a flag. */
function flagKey(key: (typeof wordKeys)[number]): keyof CheckFlags {
  return key;
}

async function settingsOf(options: CheckFlags, context: Context): Promise<CheckSettings> {
  const words: WordValues = {};
  for (const key of wordKeys) {
    const text = options[key];
    if (text !== undefined) Object.assign(words, { [key]: wordOf(key, text) });
  }
  const { header } = options;
  return {
    ...{ ...defaultSettings, ...words },
    ...(header && { headers: await headersOf(header, context) }),
    tls: tlsOf(options, context),
  };
}

function wordOf(key: (typeof wordKeys)[number], text: string): WordValues[typeof key] {
  const { flag, expects, parse } = wordSettings[key];
  const value = parse(text);
  // A proxy's URL may hold a password.
  if (value instanceof SettingProblem) throw usageError(`invalid argument for "--${flag}" flag: it ${value.text}`);
  if (value === undefined) throw usageError(`invalid argument "${text}" for "--${flag}" flag: it is ${expects}`);
  return value;
}

async function headersOf(flags: readonly string[], { cwd }: Context): Promise<Record<string, string>> {
  const lines: string[] = [];
  for (const flag of flags) {
    if (flag.startsWith("@"))
      lines.push(...(await readNamedFile(resolve(cwd, flag.slice(1)), flag.slice(1))).split(/\r?\n/));
    else lines.push(flag);
  }
  try {
    return readHeaders(lines);
  } catch (error) {
    throw usageError(`invalid argument for "--header" flag: ${errorMessage(error)}`);
  }
}

function tlsOf({ cacert, cert, key, insecure = false, serverName }: CheckFlags, { cwd }: Context): TargetTls {
  if ((cert === undefined) !== (key === undefined)) throw usageError("--cert and --key need each other");
  const file = (name: string | undefined) => (name === undefined ? undefined : resolve(cwd, name));
  return { caFile: file(cacert), certFile: file(cert), keyFile: file(key), insecureSkipVerify: insecure, serverName };
}

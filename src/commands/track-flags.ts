import type { Command } from "commander";
import { collect } from "../cli/collect.ts";

/** What `kev track` looks at and leaves out; its manifests hand it on. */
export interface TrackFlags {
  debounce?: string;
  ignore?: string[];
  ignoreManager?: string[];
  only?: string[];
  selector?: string;
  showValue?: string[];
  status?: boolean;
  what?: string[];
}

/** Declares the flags of {@link TrackFlags}. */
export function addTrackFlags(command: Command): void {
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("-l, --selector <selector>", "only objects that this label selector finds, like app=ui-server");
  command.option("--what <verbs>", "write of these only: created,changed,deleted (default: all)", collect);
  command.option("--only <path>", "only changes at this path and below, like spec.replicas; may be repeated", collect);
  command.option("--ignore <path>", "no changes at this path or below; may be repeated", collect);
  flag("--status", "changes of status, too");
  command.option(
    "--ignore-manager <name>",
    "leave out what this field manager alone has changed; may be repeated",
    collect,
  );
  command.option(
    "--show-value <path>",
    "show values at this path that are named only otherwise: data, env, args; never of Secrets; may be repeated",
    collect,
  );
  flag("--debounce <duration>", "changes of an object within this time are one event (default: 2s)");
}

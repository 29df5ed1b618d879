/** A fenced block of a Markdown text. */
export interface Snippet {
  /** The word after the fence: `console`, `ts`, `yaml`, `sh`. */
  language: string;
  /** `file=NAME` after it: the reader saves the block under that name. */
  file: string | undefined;
  /** A second word, `gate`, `route`, `probe` or `track`: what the block needs around it. */
  setting: string | undefined;
  /** Ends in a line feed. */
  body: string;
  /** Line of the fence, from 1. */
  line: number;
}

/** A command of a console block and the output shown below it. */
export interface ShownCommand {
  /** May span lines. */
  command: string;
  /** Empty, or ends in a line feed. */
  output: string;
}

/** In the output of a command that runs for ever: the reader ends it here. */
export const interruption = "^C";

/** The fenced blocks of a Markdown text, in its order. */
export function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(/^```(\w+)(?: file=(\S+)| (\w+))?\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = "", 2: file, 3: setting, 4: body = "" }) => {
      return { language, file, setting, body, line: markdown.slice(0, index).split("\n").length };
    },
  );
}

/** The commands of a console block: lines that begin with `$ `, gone on with by lines that begin with `> `. */
export function commandsOf(body: string): ShownCommand[] {
  const commands: ShownCommand[] = [];
  for (const line of body.split("\n").slice(0, -1)) {
    const last = commands.at(-1);
    if (line.startsWith("$ ")) commands.push({ command: line.slice(2), output: "" });
    else if (last === undefined) throw new Error(`Output before the first command: ${line}`);
    else if (line.startsWith("> ") && last.output === "") last.command += `\n${line.slice(2)}`;
    else last.output += `${line}\n`;
  }
  return commands;
}

/** The console block that shows `commands`. */
export function transcriptOf(commands: readonly ShownCommand[]): string {
  return commands.map(({ command, output }) => `$ ${command.replaceAll("\n", "\n> ")}\n${output}`).join("");
}

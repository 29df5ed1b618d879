/** Where progress is shown: a terminal gets one line that changes, anything else a line per task. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width in characters; default 80. */
  readonly columns?: number;
}

export interface Progress {
  /** Starts the next task. */
  begin(task: string): void;
  /** Something happened in the task. */
  step(this: void, step: { kind: "download" | "compile"; name: string }): void;
  /** Leaves a clean line. */
  end(): void;
}

/** Progress of a build, seconds by `now` in milliseconds. */
export function terminalProgress(terminal: Terminal, now: () => number = Date.now): Progress {
  let task = "";
  let started = 0;
  let compiled = 0;
  let doing = "";
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    drawn = now();
    const seconds = Math.floor((now() - started) / 1000);
    const line = `${task}: ${seconds} s, ${compiled} packages${doing}`;
    // One short of the width: a full line wraps on some terminals, and a wrapped line cannot be drawn over.
    terminal.write(`\r\x1b[K${line.slice(0, (terminal.columns ?? 80) - 1)}`);
  };

  return {
    begin(next) {
      task = next;
      if (!terminal.isTTY) {
        terminal.write(`${task}\n`);
        return;
      }
      started = now();
      compiled = 0;
      doing = "";
      draw();
      timer ??= setInterval(draw, 1000).unref();
    },
    step({ kind, name }) {
      if (kind === "compile") compiled += 1;
      doing = kind === "download" ? `, downloading ${name}` : `, ${name}`;
      if (terminal.isTTY && now() - drawn >= 100) draw();
    },
    end() {
      clearInterval(timer);
      timer = undefined;
      if (terminal.isTTY) terminal.write("\r\x1b[K");
    },
  };
}

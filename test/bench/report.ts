import { compare, type Program } from "./compare.ts";

/** The table that a run of the benchmarks ends with. */
export interface Report {
  readonly pairs: number;
  /** Says on stderr what is being measured. */
  progress(text: string): void;
  /** Measures two programs against each other, and adds the row. */
  compare(row: {
    what: string;
    subject: Program;
    reference: Program;
    target: string;
    pairs?: number;
    warmUps?: number;
  }): Promise<void>;
  /** A row of something measured otherwise. */
  add(row: { what: string; median: string; range?: string; wall?: string; target: string }): void;
  markdown(): string;
}

export function createReport(pairs: number): Report {
  const rows: string[][] = [];
  const add: Report["add"] = ({ what, median, range = "", wall = "", target }) =>
    void rows.push([what, median, range, wall, target]);
  return {
    pairs,
    progress: (text) => void process.stderr.write(`${text}\n`),
    compare: async ({ what, subject, reference, target, pairs: own = pairs, warmUps }) => {
      const { subject: ours, reference: theirs, ratio } = await compare(subject, reference, own, warmUps);
      const range = `${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)}`;
      add({
        what,
        median: ratio.median.toFixed(2),
        range,
        wall: `${ours.toFixed(0)} / ${theirs.toFixed(0)} ms`,
        target,
      });
    },
    add,
    markdown: () =>
      [["what", "median", "least–most", "wall", "to reach"], ["---", "---", "---", "---", "---"], ...rows]
        .map((cells) => `| ${cells.join(" | ")} |\n`)
        .join(""),
  };
}

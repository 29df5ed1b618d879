/** Something that is not carried over, or behaves otherwise. */
export interface Difference {
  /** Where it stands in the file that was converted: `route.routes[0].drop[1].namespace`; empty for all of it. */
  readonly where: string;
  readonly text: string;
}

export type Remark = (where: string, text: string) => void;

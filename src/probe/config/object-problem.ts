/** What is wrong with `TYPE/NAME`; undefined when nothing is. */
export function objectProblem(text: string): string | undefined {
  return /^[^/\s,]+\/[^/\s,]+$/.test(text) ? undefined : `must be TYPE/NAME, like ingress/ui, not "${text}"`;
}

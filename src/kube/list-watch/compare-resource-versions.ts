/**
 * Less than 0 when `a` is older, 0 when they are the same version, more than 0 when `a` is newer; undefined when either
 * is no decimal integer, as some aggregated APIs have them: those have no order.
 *
 * Versions of one type may be compared so in every conformant cluster since Kubernetes 1.35 (KEP-5504), and in all before
 * whose store is etcd. They are unbounded: read as numbers they would be wrong beyond 2^53.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!isDecimal(a) || !isDecimal(b)) return undefined;
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isDecimal(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=.)/, "");
}

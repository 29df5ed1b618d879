/**
 * A JSON number as Go's `%v` prints it, and go-yaml and kubectl's jsonpath with it: integers whole, others with the
 * fewest digits that mean the same, in scientific form from 1e+06 (`1.5e+06`) and below 1e-04 (`1e-05`).
 */
export function goNumber(value: number): string {
  // Beyond 64 bits Go holds a float, whole or not.
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
}

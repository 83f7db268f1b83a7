/** Thrown inside the fast reader of YAML where the library has to decide. Must not know why. */
export class Unusual extends Error {
  override readonly name = "Unusual";
}

/**
 * Whether a text can be a SNOMED CT concept identifier at all: its shape, its partition and its check digit.
 * Source: SNOMED CT Release File Specifications, section 6 (SCTID), and the dihedral check of Verhoeff.
 */

/** Row by column: the multiplication of the dihedral group of ten, and the permutation of its eighth place. */
const MULTIPLY = [
  "0123456789",
  "1234067895",
  "2340178956",
  "3401289567",
  "4012395678",
  "5987604321",
  "6598710432",
  "7659821043",
  "8765932104",
  "9876543210",
];
const PERMUTE = [
  "0123456789",
  "1576283094",
  "5803796142",
  "8916043527",
  "9453126870",
  "4286573901",
  "2793806415",
  "7046913258",
];

/**
 * True for a concept identifier of 6 to 18 digits whose check digit is right. It need not be one that was ever
 * released. A long-form identifier (partition 10) holds a namespace of seven digits, so it has at least eleven.
 */
export function isSnomedCode(text: string): boolean {
  if (!/^[1-9]\d{5,17}$/.test(text)) return false;
  const partition = text.slice(-3, -1);
  if (partition !== "00" && !(partition === "10" && text.length >= 11)) return false;
  let check = 0;
  for (let place = 0; place < text.length; place++) {
    const digit = Number(text[text.length - 1 - place]);
    check = Number(MULTIPLY[check]?.[Number(PERMUTE[place % 8]?.[digit])]);
  }
  return check === 0;
}

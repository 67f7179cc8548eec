/** Which adapter reads a locality's files, and which published layouts any locality may send. */

import { LOCALITIES, LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { type Adapters, type AnyLayout, checked } from "./adapter";
import { cheshireWest } from "./cheshire-west";
import { eastCheshire } from "./east-cheshire";
import { batchV5 } from "./formats/batch-v5";
import { carePlus } from "./formats/careplus";
import { fhirImmunization } from "./formats/fhir-immunization";
import { SYSTMONE_TABLES, systmOneExtract } from "./formats/systmone";
import { FILE_KINDS, KINDS } from "./kinds";
import { liverpoolSefton } from "./liverpool-sefton";
import { stHelensKnowsley } from "./st-helens-knowsley";
import { warrington } from "./warrington";
import { wirral } from "./wirral";

export const PUBLISHED: readonly AnyLayout[] = [
  carePlus,
  stHelensKnowsley.DOSES,
  systmOneExtract(SYSTMONE_TABLES),
  batchV5,
  fhirImmunization,
];

export const ADAPTERS: Adapters = checked(
  {
    EAST_CHESHIRE: eastCheshire,
    CHESHIRE_WEST: cheshireWest,
    LIVERPOOL_SEFTON: liverpoolSefton,
    ST_HELENS_KNOWSLEY: stHelensKnowsley,
    WIRRAL: wirral,
    WARRINGTON: warrington,
  },
  PUBLISHED,
);

/** docs/extracts.md: every file of every locality with its columns and codes, and the published layouts. */
export function describeExtracts(): string {
  const own = LOCALITY_CODES.flatMap((locality) => {
    const { name, legacySystem } = LOCALITIES[locality];
    const layouts: readonly AnyLayout[] = FILE_KINDS.map((kind) => ADAPTERS[locality][kind]);
    const published = layouts.filter((layout) => layout.published);
    const doses = published.map(
      (layout) => `Doses come in the published layout \`${layout.name}\`, described below.\n`,
    );
    return [
      `## ${name} (\`${locality}\`)\n`,
      `${legacySystem}. Layouts designed by us: the system's own are not published.\n`,
      ...doses,
      ...layouts.filter((layout) => !layout.published).map(describeLayout),
    ];
  });
  return [
    "# Extract files\n",
    "What each locality sends, written from the tables in `ingest/extracts`. A file is recognised by its first line, so",
    "that its name does not matter except where a layout says so. Any locality may send doses in any published layout.",
    "An empty cell tells nothing. Since a row says all that its locality holds of a child, a dose or a flag, what an",
    "earlier row told there and a later one leaves out is held no more: a day of death, a school, a practice, an address.",
    "A cell that is required and empty, or holds a code that is not in the table, sends its row to the quarantine.\n",
    ...own,
    "## Published layouts\n",
    ...PUBLISHED.map(describeLayout),
  ].join("\n");
}

const DELIMITER_WORDS: Readonly<Record<string, string>> = {
  "": "one JSON object a line",
  ",": "commas",
  ";": "semicolons",
  "|": "vertical bars",
  "\t": "tabs",
};

function describeLayout(layout: AnyLayout): string {
  const mark = layout.byteOrderMark ? " with a byte order mark" : "";
  const form = `${DELIMITER_WORDS[layout.delimiter]}, ${layout.encoding}${mark}`;
  const of = layout.blocks > 1 ? `${KINDS[layout.kind].says}, up to ${layout.blocks} of them` : KINDS[layout.kind].says;
  const source = layout.published ? `Published: ${layout.published}.` : "Ours.";
  const coded = layout.columns.filter((each) => each.codes.length > 0 && !each.block);
  return [
    `### ${layout.name}\n`,
    `${source} Each row tells of ${of}. Form: ${form}. Example name: \`${layout.exampleName}\`.\n`,
    "| column | gives | holds | required |",
    "|---|---|---|---|",
    ...layout.columns.map(
      ({ column, field, says, required }) =>
        `| \`${column}\` | ${field ? `\`${field}\`` : ""} | ${says} | ${required ? "yes" : ""} |`,
    ),
    "",
    ...coded.map(
      ({ column, codes }) =>
        `Codes of \`${column}\`: ${codes.map(([code, name]) => `\`${code}\` ${name}`).join(", ")}.\n`,
    ),
  ].join("\n");
}

import { ADAPTERS, describeExtracts, PUBLISHED } from "../../../ingest/extracts";
import { type Adapter, type AnyLayout, checked, type Layout } from "../../../ingest/extracts/adapter";
import {
  FILE_KINDS,
  type FileKind,
  KINDS,
  type RowPlace,
  type Rows,
  type Telling,
} from "../../../ingest/extracts/kinds";
import { Splitter } from "../../../ingest/extracts/rows";
import type { Reading, ReadingResult } from "../../../ingest/reading";
import { FLAG_KIND_NAMES } from "../../../schema/vocabulary/flags";
import { LOCALITY_CODES, type LocalityCode } from "../../../schema/vocabulary/localities";
import {
  BLOOD_SPOT_STATUSES,
  EXAMINATION_OUTCOMES,
  NEWBORN_HEARING_OUTCOMES,
} from "../../../schema/vocabulary/screening";
import {
  NOT_GIVEN_REASON_NAMES,
  VACCINATION_ROUTE_NAMES,
  VACCINATION_SITE_NAMES,
  VACCINE_NAMES,
} from "../../../schema/vocabulary/vaccines";

const CHILD = {
  localId: "P-17",
  nhsNumber: "9990000018",
  familyName: "Quillfeather",
  givenNames: "Zoë Anne",
  bornOn: "2020-02-29",
  sex: "FEMALE",
  postcode: "CH41 8DB",
} as const;

const AMENDED = { amendedAt: "2025-01-05T10:15:00.000000000Z" } as const;
const SCREEN = { ...CHILD, ...AMENDED, rowId: "S-1", provider: "RBL", comment: "Seen at home" } as const;

/** One row of each kind with every field told. */
const FULL: { readonly [K in FileKind]: Rows[K] } = {
  CHILDREN: {
    ...CHILD,
    ...AMENDED,
    nhsNumberStatus: "NOT_TRACED",
    supersededNhsNumber: "9990000026",
    bornAtTime: "23:45",
    ethnicCategory: "G",
    addressLine1: "1 Invented Street",
    addressLine2: "The Old, Invented House",
    addressLine3: "Inventon",
    addressLine4: "Merseyside",
    localAuthority: "E08000015",
    addressFrom: "2020-03-01",
    practice: "N85616",
    practiceFrom: "2020-03-02",
    schoolUrn: "123456",
    schoolName: 'The "Invented" School; Infants|Juniors',
    restricted: true,
    diedOn: "2024-12-31",
    residence: "MOVED_OUT",
    residenceFrom: "2024-06-30",
    motherNhsNumber: "9990000034",
  },
  DOSES: {
    ...CHILD,
    ...AMENDED,
    rowId: "D-1",
    rowIdSystem: "https://example.invalid/vacc",
    action: "new",
    vaccine: "MMR",
    procedureCode: "38598009",
    productCode: "34925111000001104",
    eventOn: { day: "2021-03-29", precision: "DAY" },
    eventAtTime: "09:15",
    notGivenReason: null,
    notGivenUntil: null,
    doseNumber: 1,
    site: "LEFT_UPPER_ARM",
    route: "INTRAMUSCULAR",
    batchNumber: "AB1234",
    expiresOn: "2022-01-31",
    manufacturer: "GlaxoSmithKline",
    amountMillilitres: 0.5,
    givenBy: "Grace Nurse",
    organisation: "RXX99",
    place: "N85616",
    primarySource: true,
    recordedOn: "2021-03-30",
  },
  HEARING: {
    ...SCREEN,
    screenedOn: "2020-03-05",
    outcome: "NO_CLEAR_RESPONSE_UNILATERAL",
    leftAabr: "CLEAR",
    rightAabr: "NO_CLEAR_RESPONSE",
    leftAoae: "NO_CLEAR_RESPONSE",
    rightAoae: "CLEAR",
  },
  BLOOD_SPOT: {
    ...SCREEN,
    sampleTakenOn: "2020-03-05",
    issuedAt: "2020-03-12T09:30:00.000000000Z",
    PKU: "04",
    SCD: "05",
    CF: "0317",
    CHT: "0301",
    MCADD: "08",
    HCU: "0201",
    MSUD: "01",
    GA1: "09",
    IVA: "10",
    SCID: "07",
    HT1: "0601",
  },
  EXAMINATIONS: {
    ...SCREEN,
    stage: "INFANT",
    examinedOn: "2020-04-15",
    eyes: "NO_ABNORMALITY",
    eyesRisk: false,
    heart: "ABNORMALITY_SUSPECTED",
    heartRisk: true,
    hips: "ABNORMALITY_SUSPECTED_BILATERAL",
    hipsRisk: true,
    testes: "NOT_DONE",
    bcgEligible: false,
  },
  FLAGS: {
    ...CHILD,
    ...AMENDED,
    rowId: "F-1",
    kind: "LOOKED_AFTER_CHILD",
    localAuthority: "E08000015",
    startedOn: "2021-05-01",
    endedOn: "2022-05-01",
    officePhone: "0151 496 0000",
    emergencyDutyPhone: "0151 496 0001",
  },
};

/** The fewest fields each kind may have. */
const BARE: { readonly [K in FileKind]: Rows[K] } = {
  CHILDREN: {
    ...KINDS.CHILDREN.empty,
    localId: "P-18",
    familyName: "Ní Mháille",
    givenNames: "Siân",
    bornOn: "2024-02-29",
    sex: "NOT_KNOWN",
    restricted: false,
    residence: "RESIDENT",
    ...AMENDED,
  },
  DOSES: {
    ...FULL.DOSES,
    nhsNumber: null,
    postcode: null,
    productCode: FULL.DOSES.productCode,
    doseNumber: null,
    eventAtTime: null,
    site: null,
    route: null,
    batchNumber: null,
    expiresOn: null,
    manufacturer: null,
    amountMillilitres: null,
    givenBy: null,
    place: null,
    primarySource: false,
  },
  HEARING: {
    ...KINDS.HEARING.empty,
    localId: "P-18",
    ...AMENDED,
    rowId: "S-2",
    screenedOn: "2020-03-05",
    outcome: "INCOMPLETE_MOVED",
  },
  BLOOD_SPOT: { ...KINDS.BLOOD_SPOT.empty, localId: "P-18", ...AMENDED, rowId: "S-2", CF: "0901" },
  EXAMINATIONS: {
    ...KINDS.EXAMINATIONS.empty,
    localId: "P-18",
    ...AMENDED,
    rowId: "S-2",
    stage: "NEWBORN",
    examinedOn: "2020-03-01",
    heart: "DECLINED",
  },
  FLAGS: {
    ...KINDS.FLAGS.empty,
    localId: "P-18",
    ...AMENDED,
    rowId: "F-2",
    kind: "RISK_TO_SELF",
    startedOn: "2021-05-01",
  },
};

/** Fields that a layout tells through columns of its own. */
const SETTLED: Readonly<Record<string, readonly string[]>> = {
  careplus: ["doseNumber"],
  systmone: ["vaccine", "productCode", "doseNumber", "givenBy"],
  "systmone-extract": ["vaccine", "productCode", "doseNumber"],
  "batch-v5": ["givenBy", "amountMillilitres"],
  "fhir-immunization": ["procedureCode", "productCode"],
};

const LAYOUTS: readonly (readonly [string, LocalityCode, AnyLayout])[] = [
  ...LOCALITY_CODES.flatMap((locality) =>
    FILE_KINDS.map((kind) => [`${locality} ${kind}`, locality, ADAPTERS[locality][kind]] as const),
  ),
  ...PUBLISHED.map((layout) => [`published ${layout.name}`, "WIRRAL", layout] as const),
];

/** What the kind makes of a row, when only the fields are told that the layout has columns for. */
function toldOf<K extends FileKind>(
  layout: Layout<K>,
  locality: LocalityCode,
  row: Rows[K],
  fields: string[],
): Reading["tells"] {
  const has = new Set([...layout.columns.map((each) => each.field), ...(SETTLED[layout.name] ?? [])]);
  const kept = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, has.has(name) ? value : null]));
  const telling: Telling = { tells: [], faults: [], warnings: [] };
  const place: RowPlace<Rows[K]> = {
    locality,
    number: 1,
    file: layout.factsOf(layout.exampleName) ?? { vaccine: null, sentAt: null },
    has: () => true,
    at: String,
    sent: (field) => fields[layout.columns.findIndex((each) => each.field === field)] ?? "",
  };
  KINDS[layout.kind].tell(kept as unknown as Rows[K], place, telling); // every field is there, told or null
  expect(telling.faults).toEqual([]);
  return telling.tells;
}

function writeAndRead<K extends FileKind>(
  layout: Layout<K>,
  locality: LocalityCode,
  row: Rows[K],
): [string[], ReadingResult] {
  const fields = layout.write([row]);
  const [raw] = new Splitter(layout.delimiter, layout.columns.length, false).end(layout.line(fields));
  if (!raw) throw new Error("No row was split from the line.");
  const read = layout.reader({ locality, name: layout.exampleName, receivedOn: "2026-09-01" });
  return [fields, read(raw)];
}

describe("A row that is written by a layout reads as what it tells", () => {
  const check = <K extends FileKind>(layout: Layout<K>, locality: LocalityCode, row: Rows[K]) => {
    const [fields, result] = writeAndRead(layout, locality, row);
    expect(result).toMatchObject({ read: true });
    if (result.read) expect(result.reading.tells).toEqual(toldOf(layout, locality, row, fields));
  };

  test.each(LAYOUTS)("%s, every field told", (_, locality, layout) => {
    check(layout as Layout<FileKind>, locality, FULL[layout.kind]);
  });

  test.each(LAYOUTS)("%s, hardly any field told", (_, locality, layout) => {
    check(layout as Layout<FileKind>, locality, BARE[layout.kind]);
  });

  test.each(LAYOUTS)("%s names its child", (_, locality, layout) => {
    const [, result] = writeAndRead(layout as Layout<FileKind>, locality, FULL[layout.kind]);
    if (!result.read) throw new Error("The row did not read.");
    const own = layout.published === null;
    expect(result.reading.about).toMatchObject({
      localId: own ? CHILD.localId : null,
      nhsNumber: CHILD.nhsNumber,
      supersededNhsNumbers: layout.kind === "CHILDREN" ? ["9990000026"] : [],
      familyName: CHILD.familyName,
      givenNames: CHILD.givenNames,
      bornOn: CHILD.bornOn,
    });
    expect(result.reading.introduces).toBe(layout.kind === "CHILDREN");
  });
});

describe("Every layout has a code for", () => {
  const own = LAYOUTS.filter(([, , layout]) => !layout.published);
  const names = (table: object) => Object.keys(table).filter((name) => name !== "UNCLASSIFIED");
  const fields: readonly (readonly [FileKind, string, readonly string[]])[] = [
    ["HEARING", "outcome", names(NEWBORN_HEARING_OUTCOMES)],
    ["BLOOD_SPOT", "CF", names(BLOOD_SPOT_STATUSES)],
    ["EXAMINATIONS", "hips", names(EXAMINATION_OUTCOMES)],
    ["FLAGS", "kind", FLAG_KIND_NAMES],
    ["DOSES", "vaccine", VACCINE_NAMES],
    ["DOSES", "notGivenReason", NOT_GIVEN_REASON_NAMES],
    ["DOSES", "site", VACCINATION_SITE_NAMES],
    ["DOSES", "route", VACCINATION_ROUTE_NAMES],
  ];

  test.each(fields)("each %s %s, one to one", (kind, field, expected) => {
    const coded = own.filter(([, , layout]) => layout.kind === kind);
    expect(coded.length).toBeGreaterThan(0);
    for (const [, , layout] of coded) {
      const codes = layout.columns.find((each) => each.field === field)?.codes ?? [];
      expect(codes.map(([, name]) => name).toSorted()).toEqual([...expected].toSorted());
    }
  });
});

describe("What a row of the child index tells", () => {
  const read = (row: Partial<Rows["CHILDREN"]>) => {
    const [, result] = writeAndRead(ADAPTERS.WIRRAL.CHILDREN, "WIRRAL", { ...BARE.CHILDREN, ...row });
    return result.read ? result.reading.tells : result.faults.map((fault) => fault.message);
  };

  test("who the child is, who is responsible and that nothing is restricted, and no more where no more is known", () => {
    expect(read({})).toEqual([
      expect.objectContaining({
        source: { system: "WIRRAL", id: "P-18" },
        asOf: "2025-01-05T10:15:00.000000000Z",
        type: "IdentityRecorded",
        nhsNumber: null,
        nhsNumberStatus: "ABSENT",
        givenNames: "Siân",
      }),
      expect.objectContaining({ type: "ResponsibilityRecorded", locality: "WIRRAL", status: "RESIDENT", from: null }),
      expect.objectContaining({ type: "RestrictionRecorded", restricted: false }),
    ]);
  });

  test.each`
    practice    | tells
    ${"N85616"} | ${[{ type: "GpRegistrationRecorded", practice: "N85616" }]}
    ${"V81997"} | ${[{ type: "GpRegistrationRecorded", practice: null }]}
    ${"V81998"} | ${[]}
    ${"V81999"} | ${[]}
    ${null}     | ${[]}
  `("the practice code $practice tells $tells.length registration", ({ practice, tells }) => {
    expect(read({ practice })).toMatchObject([{}, {}, {}, ...tells]);
  });

  test("the local authority is that of the postcode where the index does not say", () => {
    expect(read({ postcode: "CH41 8DB" })).toMatchObject([
      {},
      {},
      {},
      { type: "AddressRecorded", localAuthority: "E08000015" },
    ]);
  });

  test.each`
    row                                                         | faults
    ${{ bornOn: "2027-01-01" }}                                 | ${["The date at row 1, PERSON_DOB is later than the day it was received."]}
    ${{ diedOn: "2024-02-28" }}                                 | ${["The date at row 1, PERSON_DATE_OF_DEATH is before the child was born."]}
    ${{ amendedAt: "2026-09-02T00:00:00.000000000Z" }}          | ${["The date at row 1, AMENDED is later than the day it was received."]}
    ${{ localId: null }}                                        | ${["row 1, LOCAL_PATIENT_ID is empty, and a child of the child index needs it."]}
    ${{ familyName: null, sex: null }}                          | ${["row 1, PERSON_SURNAME is empty, and a child of the child index needs it.", "row 1, PERSON_GENDER_CODE is empty, and a child of the child index needs it."]}
    ${{ familyName: "Q".repeat(101), nhsNumber: "9990000019" }} | ${["The NHS number at row 1, NHS_NUMBER is not one: its check digit is wrong.", "row 1, PERSON_SURNAME holds 101 characters; 100 are allowed."]}
  `("is refused for $faults", ({ row, faults }) => {
    expect(read(row)).toEqual(faults);
  });

  test("a row with a field too many or too few is refused as a whole", () => {
    const layout = ADAPTERS.WIRRAL.CHILDREN;
    const reader = layout.reader({ locality: "WIRRAL", name: "children.csv", receivedOn: "2026-09-01" });
    const fields = layout.write([BARE.CHILDREN]);
    const messages = [fields.slice(1), [...fields, ""]].map((each) => {
      const result = reader({ number: 7, fields: each, text: each.join("|"), paired: true });
      return result.read ? [] : result.faults.map((fault) => fault.message);
    });
    expect(messages).toEqual([
      [`row 7 has ${fields.length - 1} fields; the layout has ${fields.length}.`],
      [`row 7 has ${fields.length + 1} fields; the layout has ${fields.length}.`],
    ]);
  });
});

describe("What a row of a locality's own doses tells", () => {
  const layout = ADAPTERS.EAST_CHESHIRE.DOSES;
  const read = (row: Partial<Rows["DOSES"]>) => {
    const [, result] = writeAndRead(layout, "EAST_CHESHIRE", { ...BARE.DOSES, ...row });
    return result.read ? result.reading : result.faults.map((fault) => fault.message);
  };

  test("a dose of which only the year is known", () => {
    expect(read({ eventOn: { day: "2021-01-01", precision: "YEAR" } })).toMatchObject({
      tells: [{ type: "DoseRecorded", givenOn: "2021-01-01", precision: "YEAR" }],
    });
  });

  test("a dose not given, and why", () => {
    expect(read({ notGivenReason: "DEFERRED", notGivenUntil: "2021-06-01" })).toMatchObject({
      tells: [
        {
          type: "DoseNotGivenRecorded",
          source: { system: "EAST_CHESHIRE", id: "D-1" },
          vaccine: "MMR",
          reason: "DEFERRED",
          decidedOn: "2021-03-29",
          until: "2021-06-01",
        },
      ],
    });
  });

  test("a product of another vaccine is told of, and not followed", () => {
    const reading = read({ vaccine: "MMRV" });
    expect(reading).toMatchObject({ tells: [{ type: "DoseRecorded", vaccine: "MMRV" }] });
    expect("warnings" in reading && reading.warnings.map((each) => each.message)).toEqual([
      "row 1, ProductCode is not a code of MMRV.",
    ]);
  });

  test.each`
    eventOn                                      | faults
    ${{ day: "2020-02-28", precision: "DAY" }}   | ${["The date at row 1, EventDate is before the child was born."]}
    ${{ day: "2020-01-01", precision: "MONTH" }} | ${["The date at row 1, EventDate is before the child was born."]}
    ${{ day: "2019-01-01", precision: "YEAR" }}  | ${["The date at row 1, EventDate is before the child was born."]}
    ${{ day: "2026-09-02", precision: "DAY" }}   | ${["The date at row 1, EventDate is later than the day it was received."]}
    ${null}                                      | ${["row 1, EventDate is empty, and a dose needs it."]}
  `("is refused for $faults", ({ eventOn, faults }) => {
    expect(read({ eventOn })).toEqual(faults);
  });

  test("a dose in the month or the year of birth may have been after it", () => {
    expect(read({ eventOn: { day: "2020-02-01", precision: "MONTH" } })).toHaveProperty("tells.length", 1);
    expect(read({ eventOn: { day: "2020-01-01", precision: "YEAR" } })).toHaveProperty("tells.length", 1);
  });
});

test("a blood spot sample or an examination without any outcome is refused", () => {
  const faults = [
    writeAndRead(ADAPTERS.WIRRAL.BLOOD_SPOT, "WIRRAL", { ...BARE.BLOOD_SPOT, CF: null }),
    writeAndRead(ADAPTERS.WIRRAL.EXAMINATIONS, "WIRRAL", { ...BARE.EXAMINATIONS, heart: null }),
    writeAndRead(ADAPTERS.WIRRAL.FLAGS, "WIRRAL", { ...BARE.FLAGS, endedOn: "2021-04-30" }),
  ].map(([, result]) => (result.read ? null : result.faults.map((fault) => fault.message)));
  expect(faults).toEqual([
    ["row 1, STATUS_PKU is empty, and a blood spot sample needs it."],
    ["row 1, EYES_CODE is empty, and a physical examination needs it."],
    ["row 1, FLAG_END is not on or after the day it started."],
  ]);
});

describe("The check when the process starts", () => {
  test("tells every gap of every adapter in one message", () => {
    const { HEARING, ...lacking } = ADAPTERS.WIRRAL;
    const incomplete = {
      ...ADAPTERS,
      WIRRAL: lacking as Adapter, // as an adapter written in haste would be
      WARRINGTON: { ...ADAPTERS.WARRINGTON, FLAGS: ADAPTERS.EAST_CHESHIRE.FLAGS },
    };
    const columns = HEARING.columns.filter((each) => each.field !== "outcome");
    const layout = { ...ADAPTERS.EAST_CHESHIRE.HEARING, columns: [...columns, ...columns.slice(0, 1)] };
    expect(() =>
      checked({ ...incomplete, EAST_CHESHIRE: { ...ADAPTERS.EAST_CHESHIRE, HEARING: layout } }, PUBLISHED),
    ).toThrow(
      "The extract adapters cannot be used: east-cheshire-hearing has no column of outcome; " +
        "east-cheshire-hearing has column LOCAL_PATIENT_ID twice; " +
        "east-cheshire-hearing has field localId twice; " +
        "WIRRAL has no layout of HEARING; " +
        "east-cheshire-flags has the same columns as east-cheshire-flags.",
    );
  });
});

describe("docs/extracts.md", () => {
  test("tells of every layout with every column and code", () => {
    const text = describeExtracts();
    for (const [, , layout] of LAYOUTS) {
      expect(text).toContain(`### ${layout.name}\n`);
      for (const { column, codes } of layout.columns) {
        expect(text).toContain(`| \`${column}\` |`);
        for (const [code] of codes) expect(text).toContain(`\`${code}\``);
      }
    }
  });
});

/**
 * Every problem the house can report: a code that never changes, what it says, and what the reader can do.
 * `docs/errors.md` is written from this table. No slot may ever hold patient data: only the identifiers of
 * messages, files, rows, columns and elements.
 */

interface Entry {
  /** The message, with named slots: `{at}`. */
  readonly says: string;
  /** What the reader can do about it. */
  readonly do: string;
}

export const PROBLEMS = {
  // Rows and messages. The first ten are the reasons of the child health service for a rejected row.
  NHS_INVALID: {
    says: "The NHS number at {at} is not one: {fault}.",
    do: "Correct the number in the source system and send the row again; its check digit is modulus 11.",
  },
  NHS_DUPLICATE: {
    says: "The NHS number at {at} is already held for a child whose name and date of birth both differ.",
    do: "Decide in the quarantine whether they are one child; neither is changed until then.",
  },
  NHS_NUMBER_CHANGED: {
    says: "{at} gives the child another NHS number than the one held, and does not say that it was replaced.",
    do: "Decide in the quarantine whether it is the same child; the number held stays until then.",
  },
  AMBIGUOUS_MATCH: {
    says: "{at} could be any of {count} children.",
    do: "Choose the child among the candidates in the quarantine.",
  },
  DATE_BEFORE_BIRTH: {
    says: "The date at {at} is before the child was born.",
    do: "Correct the date, or the date of birth, in the source system and send the row again.",
  },
  DATE_FUTURE: {
    says: "The date at {at} is later than the day it was received.",
    do: "Correct the date in the source system and send the row again.",
  },
  DATE_INVALID: {
    says: "The date at {at} is not a day of the calendar written as {expected}.",
    do: "Correct the date in the source system and send the row again.",
  },
  CODE_UNKNOWN: {
    says: "{system} code {code} at {at} is not in the {table} table.",
    do: "If the code is valid, add it to schema/vocabulary or the locality's adapter; if not, return it to its sender.",
  },
  REQUIRED_MISSING: {
    says: "{at} is empty, and {for} needs it.",
    do: "Fill it in the source system and send it again.",
  },
  ORPHAN: {
    says: "{at} is about a child whom no child index has told of.",
    do: "Nothing, if the child is still to come: it is tried again by itself. Otherwise choose the child in the quarantine.",
  },
  VALUE_TOO_LONG: {
    says: "{at} holds {length} characters; {limit} are allowed.",
    do: "Shorten it in the source system and send the row again.",
  },
  ENCODING: {
    says: "{at} holds bytes that are not {encoding}.",
    do: "Export the file again in that encoding.",
  },
  VALUE_INVALID: {
    says: "{at} is not {expected}.",
    do: "Correct it in the source system and send it again.",
  },
  ROW_MALFORMED: {
    says: "{at} has {count} fields; the layout has {expected}.",
    do: "Export the row again: a delimiter or a quote is missing or added, or the file was cut off.",
  },
  ROW_REPEATED: {
    says: "{at} says the same as an earlier row of this file, under another identifier.",
    do: "Nothing, if it was entered twice by mistake; otherwise choose in the quarantine.",
  },
  VERSION_CONFLICT: {
    says: "{at} has the same identity and time as one already held, and other content.",
    do: "Decide in the quarantine which one is right; the one held stays until then.",
  },
  // Whole files.
  FILE_UNREADABLE: {
    says: "{file} cannot be read: {fault}.",
    do: "Check that the file is there and may be read.",
  },
  FILE_EMPTY: { says: "{file} is empty.", do: "Export it again; even a file without rows has its header line." },
  FILE_UNKNOWN: {
    says: "{file} is not a file that {locality} sends: its first line matches no layout. Nearest is {layout}: {difference}.",
    do: "Check the file, its delimiter and its header line against docs/extracts.md.",
  },
  FILE_OF_ANOTHER_LOCALITY: {
    says: "{file} is a file of {other}, not of {locality}.",
    do: "Load it with --locality {other}.",
  },
  FILE_CUT_OFF: {
    says: "{file} ends in the middle of a row: its last line has no line end, and {fault}.",
    do: "It was cut off on its way, and nothing of it was loaded: have it sent again.",
  },
  FILE_UNWRITABLE: {
    says: "{file} cannot be written: {fault}.",
    do: "Check that its folder may be written to and has room, and run the command again.",
  },
  FILE_ENCODING: {
    says: "{file} is not {encoding}: the first byte that is not stands at offset {offset}.",
    do: "Export it again in {encoding}.",
  },
  ADAPTERS_INCOMPLETE: {
    says: "The extract adapters cannot be used: {gaps}.",
    do: "Complete the tables in ingest/extracts that the message names.",
  },
  // Event messages. `{element}` is the path of the element at fault.
  MESSAGE_MALFORMED: {
    says: "The message is not a well-formed event Bundle: {fault} at {element}.",
    do: "Tell the publisher, at the contact in the message header where there is one.",
  },
  MESSAGE_TOO_LARGE: {
    says: "The message holds {size} bytes; {limit} are allowed.",
    do: "Tell the publisher: the national limit is 3 MB.",
  },
  MESSAGE_FORBIDDEN_XML: {
    says: "The message holds a document type or entity declaration, which an event message never has.",
    do: "Do not process it by hand; tell the publisher and the security team.",
  },
  EVENT_UNKNOWN: {
    says: "Event {code} of {system} is not one of the national child health events.",
    do: "If it is a new event, add its reader; if it is of an older generation, tell the publisher.",
  },
  EVENT_TYPE_NOT_ALLOWED: {
    says: "A {event} message may not be of type {type}.",
    do: "Tell the publisher.",
  },
  ELEMENT_MISSING: {
    says: "{element} is missing, and a {event} message needs it.",
    do: "Tell the publisher, at the contact in the message header.",
  },
  ELEMENT_INVALID: {
    says: "{element} is not {expected}.",
    do: "Tell the publisher, at the contact in the message header.",
  },
  IDENTITY_MISMATCH: {
    says: "{element} is about another person than {other}.",
    do: "Tell the publisher; the message is applied to nobody.",
  },
  BIRTH_DATE_DIFFERS: {
    says: "The date of birth at {at} is not the one held for the child with that NHS number.",
    do: "Decide in the quarantine; nothing is applied until then.",
  },
  WORKFLOW_MISMATCH: {
    says: "MESH workflow {workflow} does not carry {event} messages.",
    do: "Tell the sender.",
  },
  MESSAGE_ID_REUSED: {
    says: "Message {id} came before with other content.",
    do: "Nothing: both are kept and each is ordered by its own time.",
  },
  // The MESH mailbox.
  MESH_UNREACHABLE: {
    says: "The MESH mailbox {mailbox} cannot be reached: {fault}.",
    do: "Check MESH_URL, the network and the certificates; what is in the mailbox stays there, and is asked for again.",
  },
  MESH_REFUSED: {
    says: "MESH does not accept who asks for mailbox {mailbox}: it answered {status}.",
    do: "Check MESH_MAILBOX, MESH_PASSWORD, MESH_SHARED_KEY, the client certificate and this machine's clock.",
  },
  MESH_MESSAGE_INCOMPLETE: {
    says: "Message {message} of mailbox {mailbox} did not arrive whole: {fault}.",
    do: "Nothing: it stays in the mailbox and is asked for again. If it fails for a day, tell the national service desk.",
  },
  MESH_MESSAGE_TOO_LARGE: {
    says: "Message {message} of mailbox {mailbox} holds more than {limit} bytes, and no event message does.",
    do: "It is left in the mailbox, so that its sender is told after five days. Tell the sender, by its headers in MESH.",
  },
  MESH_COLLECTED_ELSEWHERE: {
    says: "Mailbox {mailbox} is being collected by another process.",
    do: "Nothing: only one collects at a time, and another takes over within a minute where it stops.",
  },
  MESH_REPORT: {
    says: "MESH reports {code} about message {about}, which did not arrive.",
    do: "This service sends no messages: ask whoever sends from the same mailbox.",
  },
  // Requests.
  NOT_SIGNED_IN: {
    says: "The request carries no bearer token.",
    do: "Sign in and send the token as Authorization: Bearer.",
  },
  TOKEN_REFUSED: {
    says: "The token is not accepted: {fault}.",
    do: "Sign in again; if it happens again, check the issuer and audience configured.",
  },
  NOT_PERMITTED: {
    says: "{action} needs {needs}, which this viewer does not have.",
    do: "Ask the administrator of your organisation, if your work needs it.",
  },
  GLASS_BROKEN_OFTEN: {
    says: "No more than {most} children may be opened by one person in 24 hours.",
    do: "Ask the privacy officer, or the child's responsible locality.",
  },
  ONE_CHILD_AT_A_TIME: {
    says: "{action} is asked about one child at a time, never down a list.",
    do: "Ask for the one child whose care needs it, by its id or NHS number.",
  },
  WITHHELD: {
    says: "{what} is withheld, because this child's whereabouts are restricted.",
    do: "If direct care needs it, ask the child's responsible locality.",
  },
  DOCUMENT_NOT_TRUSTED: {
    says: "A partner app may only send operations that were registered.",
    do: "Use an operation of the SDK, or have yours registered.",
  },
  REQUEST_INVALID: { says: "The request is not valid: {fault}.", do: "Correct it; the schema is at /schema.graphql." },
  ARGUMENT_INVALID: { says: "{argument} must be {expected}.", do: "Correct the argument." },
  SOURCE_UNAVAILABLE: {
    says: "{source} cannot be asked at present.",
    do: "The rest of the answer stands. Try again shortly.",
  },
  RATE_LIMITED: {
    says: "This viewer sends more requests than the {perMinute} a minute that are allowed.",
    do: "Wait as many seconds as Retry-After says, and ask for more in one request.",
  },
  RUN_NOT_READY: {
    says: "The invitation run is {state}, and {action} needs it to be {needs}.",
    do: "Lock an open run before inviting; a run that is closed or cancelled stays so, and another is built.",
  },
  OVERLOADED: {
    says: "More is asked of the gateway at present than it can answer.",
    do: "Try again after as many seconds as Retry-After says.",
  },
  NOT_FOUND: { says: "There is no {what} with that id, or none you may know of.", do: "Check the id." },
  INTERNAL: { says: "Something failed on our side.", do: "Try again; if it happens again, report the traceId." },
  // Running.
  ARGUMENT_UNKNOWN: { says: "{argument} is not an argument of {command}.", do: "See --help." },
  ARGUMENT_MISSING: { says: "{command} needs {argument}.", do: "See --help." },
  SETTING_INVALID: { says: "{name} must be {expected}.", do: "Correct the setting in the environment." },
  PORT_IN_USE: { says: "Port {port} on {host} is in use.", do: "Stop what uses it, or set PORT to another." },
  DATABASE_UNREACHABLE: {
    says: "The database of {part} cannot be reached: {fault}.",
    do: "Check that it runs and that {setting} is right.",
  },
  DATABASE_BEHIND: {
    says: "The database of {part} is at migration {found} of {expected}.",
    do: "Run: npm run chis -- migrate",
  },
  DATABASE_AHEAD: {
    says: "The database of {part} is at migration {found}, and this release knows {expected}.",
    do: "Run the release that made it, or a later one.",
  },
  DATABASE_DIRTY: {
    says: "Migration {found} of {part} was begun and not finished.",
    do: "Restore the database, or finish the migration by hand, before starting again.",
  },
  DISK_FULL: {
    says: "There is no room left to write the database of {part}.",
    do: "Make room and run the command again; what was not committed is done then, nothing twice.",
  },
  COMPOSITION_FAILED: {
    says: "The subgraphs do not compose: {fault}",
    do: "Mend the subgraph that the message names.",
  },
  ISSUER_CONFIGURED: {
    says: "Tokens come from {issuer}; the development issuer is off.",
    do: "Get a token from that issuer, or unset OIDC_ISSUER on a development machine.",
  },
  NOT_LOOPBACK: {
    says: "The development issuer is only for this machine, and HOST is {host}.",
    do: "Set OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL, or HOST to 127.0.0.1.",
  },
  RECONCILIATION_UNBALANCED: {
    says: "{locality} {file}: {fault}.",
    do: "Do not sign the load off. Run it again; if it stays so, report it with this line.",
  },
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof PROBLEMS;

type SlotsIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | SlotsIn<Rest> : never;

/** The slots a problem's message has, each to be filled. */
export type Slots<Code extends ProblemCode> = Readonly<
  Record<SlotsIn<(typeof PROBLEMS)[Code]["says"] | (typeof PROBLEMS)[Code]["do"]>, string | number>
>;

/** The one class of error the house throws on purpose, and the value it keeps as the reason of a quarantined row. */
export class Problem<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = "Problem";
  readonly code: Code;
  readonly slots: Readonly<Record<string, string | number>>;
  /** What the reader can do. */
  readonly remedy: string;

  constructor(code: Code, ...[slots]: [SlotsIn<(typeof PROBLEMS)[Code]["says"]>] extends [never] ? [] : [Slots<Code>]) {
    const filled: Readonly<Record<string, string | number>> = slots ?? {};
    super(fill(PROBLEMS[code].says, filled));
    this.code = code;
    this.slots = filled;
    this.remedy = fill(PROBLEMS[code].do, filled);
  }
}

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text);
}

function fill(text: string, slots: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(slots[name] ?? whole));
}

/** What the system calls what failed: `ENOENT`; null where it does not say. */
export function faultCode(fault: unknown): string | null {
  return typeof fault === "object" && fault !== null && "code" in fault ? String(fault.code) : null;
}

/** What an unexpected fault may be called in a log: its kind and where it happened, never its text, which may quote data. */
export function faultName(fault: unknown): string {
  if (fault instanceof Problem) return fault.message;
  if (!(fault instanceof Error)) return typeof fault;
  return [
    fault.name,
    ...(fault.stack ?? "")
      .split("\n")
      .filter((line) => line.startsWith("    at "))
      .slice(0, 4),
  ].join(" ");
}

/**
 * Reads an event message, XML or JSON, into one small tree of elements, and finds what a reference points at.
 *
 * Both forms give the same tree, so a reader never knows which was sent. Nothing here knows any event. The order of
 * elements is not enforced: publishers are bound to it and do not always keep it.
 */

import { createHash } from "node:crypto";
import { SaxesParser } from "saxes";
import { Problem } from "../../schema/errors";
import { ODS_DIRECTORY, SYSTEMS } from "./systems";

/** The national limit of 3 MB, with room for how a sender counts. */
export const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Far deeper than any event message goes, and shallow enough to walk by recursion. */
const DEEPEST = 64;

const FHIR_NAMESPACE = "http://hl7.org/fhir";
const XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml";

/** One element of a message. A name of several steps (`name.family`) is given step by step. */
export class Element {
  readonly children: Element[] = [];

  constructor(
    readonly name: string,
    readonly parent: Element | null,
    /** The primitive value as sent; null where the element has none. */
    readonly value: string | null = null,
    /** Of an extension: which one it is. */
    readonly url: string | null = null,
  ) {
    parent?.children.push(this);
  }

  /** Where it stands: `Bundle.entry[3].resource.Patient.identifier`; numbered only among several of its name. */
  get path(): string {
    if (this.parent === null) return this.name;
    const alike = this.parent.all(this.name);
    const number = alike.length > 1 || this.name === "entry" ? `[${alike.indexOf(this)}]` : "";
    return `${this.parent.path}.${this.name}${number}`;
  }

  /** Where an element would stand, whether or not it does. */
  pathOf(...steps: readonly string[]): string {
    return [this.path, ...steps].join(".");
  }

  /** Every element reached by the steps, in order. */
  all(...steps: readonly string[]): readonly Element[] {
    let reached: readonly Element[] = [this];
    for (const step of steps) reached = reached.flatMap((element) => element.children.filter((c) => c.name === step));
    return reached;
  }

  /** The first element reached by the steps; null where there is none. */
  first(...steps: readonly string[]): Element | null {
    return this.all(...steps)[0] ?? null;
  }

  /** The value reached by the steps, without the white space around it; null where absent or empty. */
  text(...steps: readonly string[]): string | null {
    return this.first(...steps)?.value?.trim() || null;
  }

  /** The extensions of a URL. */
  extensions(url: string): readonly Element[] {
    return this.children.filter((child) => child.name === "extension" && child.url?.trim() === url);
  }

  /** This element and all below it. */
  *walk(): Generator<Element> {
    yield this;
    for (const child of this.children) yield* child.walk();
  }
}

export class Bundle {
  /** The resources in the order of their entries; an entry without one is left out. */
  readonly resources: readonly Element[];
  private readonly byUrl = new Map<string, Element>();
  private readonly byId = new Map<string, Element>();
  /** Addresses that two entries share, which therefore point nowhere. */
  private readonly ambiguous = new Set<string>();

  constructor(readonly root: Element) {
    this.resources = root.all("entry", "resource").flatMap((holder) => holder.children);
    for (const resource of this.resources) {
      const url = resource.parent?.parent?.text("fullUrl");
      const id = resource.text("id");
      if (url) this.address(this.byUrl, url, resource);
      if (id) this.address(this.byId, `urn:uuid:${id}`, resource);
    }
  }

  /** The resources of one type. */
  ofType(type: string): readonly Element[] {
    return this.resources.filter((resource) => resource.name === type);
  }

  /**
   * The resource that an element's `reference` points at: by the entry's fullUrl, then by `urn:uuid:` and the
   * resource's id. Null where the message holds none, or two under that address.
   */
  resolve(reference: Element | null): Element | null {
    const address = addressOf(reference?.text("reference") ?? "");
    if (this.ambiguous.has(address)) return null;
    return this.byUrl.get(address) ?? this.byId.get(address) ?? null;
  }

  /**
   * The ODS code a reference tells: the last step of a directory address, which is never called, or the identifier
   * of the organisation or location it points at. Null where it tells none.
   */
  odsCode(reference: Element | null): string | null {
    const address = reference?.text("reference") ?? "";
    if (address.startsWith(ODS_DIRECTORY)) return readOdsCode(address.slice(ODS_DIRECTORY.length));
    const identifiers = this.resolve(reference)?.all("identifier") ?? [];
    for (const system of [SYSTEMS.ODS_ORGANISATION, SYSTEMS.ODS_SITE]) {
      const identifier = identifiers.find((candidate) => candidate.text("system") === system);
      if (identifier) return readOdsCode(identifier.text("value") ?? "");
    }
    return null;
  }

  private address(index: Map<string, Element>, text: string, resource: Element): void {
    const address = addressOf(text);
    const held = index.get(address);
    if (held !== undefined && held !== resource) this.ambiguous.add(address);
    index.set(address, resource);
  }
}

export type BundleReading =
  | { readonly read: true; readonly bundle: Bundle }
  | { readonly read: false; readonly fault: Problem };

/**
 * Reads a message of UTF-8 bytes. A text that begins with `{` is JSON, any other XML. Refuses what is too large,
 * not well formed, in another namespace, not a Bundle, or declares a document type. Never throws; a fault quotes
 * nothing of the message but the names and positions of elements.
 */
export function readBundle(bytes: Uint8Array): BundleReading {
  if (bytes.byteLength > LARGEST_MESSAGE_BYTES) {
    const slots = { size: bytes.byteLength, limit: LARGEST_MESSAGE_BYTES };
    return { read: false, fault: new Problem("MESSAGE_TOO_LARGE", slots) };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { read: false, fault: new Problem("ENCODING", { at: "The message", encoding: "UTF-8" }) };
  }
  try {
    const root = text.trimStart().startsWith("{") ? readJson(text) : readXml(text);
    return { read: true, bundle: new Bundle(root) };
  } catch (fault) {
    if (fault instanceof Problem) return { read: false, fault };
    throw fault;
  }
}

/**
 * A digest of what a message says: equal for two deliveries of the same content, whatever their white space,
 * comments, order of differently named elements, or form. Narrative is left out, as nothing reads it.
 */
export function digestOf(bundle: Bundle): string {
  return createHash("sha256").update(canonical(bundle.root)).digest("hex");
}

/** The digest of a message that could not be read. */
export function digestOfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readXml(text: string): Element {
  const parser = new SaxesParser({ xmlns: true, position: true });
  let root: Element | null = null;
  let open: Element | null = null;
  let depth = 0;
  // Depth within a narrative `div`, whose content is XHTML and is passed over.
  let narrative = 0;
  const where = () => open?.path ?? "Bundle";

  parser.on("error", () => {
    const fault = `it is not well-formed XML (line ${parser.line}, column ${parser.column})`;
    throw new Problem("MESSAGE_MALFORMED", { fault, element: where() });
  });
  parser.on("doctype", () => {
    throw new Problem("MESSAGE_FORBIDDEN_XML");
  });
  parser.on("opentag", (tag) => {
    if (narrative > 0 || (tag.uri === XHTML_NAMESPACE && tag.local === "div" && open !== null)) {
      narrative += 1;
      return;
    }
    if (tag.uri !== FHIR_NAMESPACE) {
      throw new Problem("MESSAGE_MALFORMED", { fault: "an element is not in the FHIR namespace", element: where() });
    }
    if (++depth > DEEPEST) throw tooDeep(where());
    open = new Element(tag.local, open, tag.attributes.value?.value ?? null, tag.attributes.url?.value ?? null);
    root ??= open;
  });
  parser.on("closetag", () => {
    if (narrative > 0) {
      narrative -= 1;
      return;
    }
    depth -= 1;
    open = open?.parent ?? null;
  });
  const refuseText = (content: string) => {
    if (narrative === 0 && open !== null && content.trim() !== "") {
      throw new Problem("MESSAGE_MALFORMED", { fault: "text stands where only elements may", element: where() });
    }
  };
  parser.on("text", refuseText);
  parser.on("cdata", refuseText);
  parser.on("xmldecl", ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding)) {
      throw new Problem("ENCODING", { at: "The message", encoding: "UTF-8" });
    }
  });
  parser.write(text).close();
  return checkRoot(root);
}

function readJson(text: string): Element {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Problem("MESSAGE_MALFORMED", { fault: "it is not well-formed JSON", element: "Bundle" });
  }
  const type = isObject(json) ? json.resourceType : null;
  const root = new Element(typeof type === "string" ? type : "", null);
  if (isObject(json)) adoptProperties(root, json, 1);
  return checkRoot(root);
}

/**
 * The properties of a JSON object, as the elements that XML has for them. `_birthDate` holds what hangs on the
 * primitive `birthDate`; the id of anything but a resource is an attribute in XML, which nothing refers to.
 */
function adoptProperties(element: Element, json: JsonObject, depth: number): void {
  const isExtension = element.name === "extension" || element.name === "modifierExtension";
  for (const [key, value] of Object.entries(json)) {
    if (key === "resourceType" || key === "fhir_comments") continue;
    if (key === "id" && json.resourceType === undefined) continue;
    if (key === "url" && isExtension) continue;
    if (key === "div" && element.name === "text") continue;
    if (!key.startsWith("_")) adopt(element, key, value, json[`_${key}`], depth);
    else if (json[key.slice(1)] === undefined) adopt(element, key.slice(1), null, value, depth);
  }
}

function adopt(parent: Element, name: string, json: unknown, hanging: unknown, depth: number): void {
  if (depth > DEEPEST) throw tooDeep(parent.path);
  if (Array.isArray(json) || Array.isArray(hanging)) {
    const [values, extras] = [Array.isArray(json) ? json : [], Array.isArray(hanging) ? hanging : []];
    const count = Math.max(values.length, extras.length);
    for (let i = 0; i < count; i++) adopt(parent, name, values[i] ?? null, extras[i], depth + 1);
    return;
  }
  if (isObject(json)) {
    const url = typeof json.url === "string" ? json.url : null;
    const element = new Element(name, parent, null, url);
    const type = json.resourceType;
    adoptProperties(typeof type === "string" ? new Element(type, element) : element, json, depth + 1);
    return;
  }
  const element = new Element(name, parent, json === null || json === undefined ? null : String(json));
  if (isObject(hanging)) adoptProperties(element, hanging, depth + 1);
}

function checkRoot(root: Element | null): Element {
  if (root?.name === "Bundle") return root;
  throw new Problem("MESSAGE_MALFORMED", { fault: "the message is not a Bundle", element: "Bundle" });
}

function tooDeep(element: string): Problem {
  return new Problem("MESSAGE_MALFORMED", { fault: `elements stand more than ${DEEPEST} deep`, element });
}

function canonical(element: Element): string {
  const children = [...element.children].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return `${JSON.stringify([element.name, element.url, element.value])}(${children.map(canonical).join("")})`;
}

/** UUIDs are the same in either case; other addresses are not. */
function addressOf(text: string): string {
  return /^urn:uuid:/i.test(text) ? text.toLowerCase() : text;
}

/** ODS codes have up to ten characters. */
function readOdsCode(text: string): string | null {
  const code = text.trim().toUpperCase();
  return /^[A-Z0-9]{1,10}$/.test(code) ? code : null;
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
